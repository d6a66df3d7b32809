import { formatMember, membersOf } from "../open/page-address.js";

/** The picture beside the first one, as it is kept in the page's address. */
export interface BesideState {
  /** An address; `.` for another view of the source that is open; undefined for a file, which no link can open. */
  readonly source: string | undefined;
  /** Its view, as `formatViewState` has it; empty for the first one. */
  readonly view: string;
  /** Whether both move together. */
  readonly isCoupled: boolean;
}

/** A fragment with the picture beside, as in `of=a.ozx&…&beside=source%3D.%26of%3Da.ozx&apart=1`. */
export function withBeside(hash: string, beside: BesideState | undefined): string {
  const rest = hash.split("&").filter((one) => !/^(?:beside|apart)=/.test(one));
  if (beside?.source === undefined) return rest.join("&");
  const own = [formatMember("source", beside.source), ...(beside.view === "" ? [] : [beside.view])];
  const members = [formatMember("beside", own.join("&")), ...(beside.isCoupled ? [] : ["apart=1"])];
  return [...rest, ...members].join("&");
}

/** Parses what {@link withBeside} formats; undefined where nothing is beside. */
export function besideOfHash(hash: string, name: string): BesideState | undefined {
  const members = membersOf(hash, name);
  const own = members.get("beside");
  const source = own === null ? undefined : (new URLSearchParams(own).get("source") ?? undefined);
  if (own === null || source === undefined || !/^(?:\.$|https?:\/\/|s3:\/\/)/.test(source)) return undefined;
  const view = own
    .split("&")
    .filter((one) => !one.startsWith("source="))
    .join("&");
  return { source, view, isCoupled: members.get("apart") !== "1" };
}
