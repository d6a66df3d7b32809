import { readAhead } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { UnsupportedError, UsageError } from "../errors.js";
import type { OmeVersion } from "../ome/model.js";
import { downgradeTo05, upgradeTo06 } from "../ome/versions/convert-version.js";
import { readEntry } from "../store/entry-bytes.js";
import type { AbsolutePath } from "../store/store.js";
import { keyName, parentKey } from "../store/store-keys.js";
import type { EntryInput } from "../store/target.js";
import { withFastGets } from "../store/view-store.js";
import { isJsonObject, type JsonObject, parseJsonObject, stringifyJson } from "../zarr/json.js";
import { downgradeEntries } from "./downgrade.js";
import type { TargetNeeds, TransferPlan } from "./plan.js";

/** The versions of OME-Zarr that can be asked for. */
export type WritableVersion = Extract<OmeVersion, "0.4" | "0.5" | "0.6">;

const READS_AT_ONCE = 32;

/**
 * What a target must hold so that a plan for it can be given a version afterwards.
 *
 * @throws UsageError when the target cannot hold that version
 */
export function needsOfVersion(version: WritableVersion, needs: TargetNeeds): TargetNeeds {
  if (version !== "0.4") return { zarrFormat: 3, largestEntry: needs.largestEntry };
  if (needs.zarrFormat === undefined) return { shards: false };
  throw new UsageError(
    "an .ozx cannot hold OME-Zarr 0.4: RFC-9 asks for a zarr.json, which came with 0.5; write 0.4 to a folder, with a name that ends in .zarr",
  );
}

/**
 * A plan whose hierarchy is written in another version of OME-Zarr: 0.4 (Zarr v2), 0.5 or 0.6. Only metadata
 * changes, and for 0.4 the keys of chunks; it must have been planned with {@link needsOfVersion}.
 *
 * @throws UnsupportedError naming what the version cannot say
 */
export async function planVersion(
  plan: TransferPlan,
  version: WritableVersion,
  options?: ReadOptions,
): Promise<TransferPlan> {
  if (plan.to === version) return plan;
  if (plan.to < "0.5") {
    throw new UnsupportedError(
      `${plan.source.name} is OME-Zarr ${plan.to}, which cannot become ${version}: bring it to 0.4 first`,
      { location: plan.source.name, feature: `OME-Zarr ${plan.to}` },
    );
  }
  const documents = await documentsOf(plan, options);
  const place = { location: plan.source.name };
  const converted = new Map<AbsolutePath, JsonObject>();
  for (const [path, document] of documents) {
    const attributes = document["attributes"];
    const ome = isJsonObject(attributes) ? attributes["ome"] : undefined;
    if (!isJsonObject(attributes) || !isJsonObject(ome)) converted.set(path, document);
    else {
      const changed = convertOme(ome, version, {
        ...place,
        path: path === "/" ? "zarr.json" : path.slice(1),
      });
      // A copy of metadata below it, as it was.
      const { consolidated_metadata: _stale, ...kept } = document;
      converted.set(path, { ...kept, attributes: { ...attributes, ome: changed } });
    }
  }
  const written =
    version === "0.4"
      ? downgradeEntries(plan, converted)
      : { ...plan, entries: withDocuments(plan, converted) };
  return {
    ...written,
    bytes: written.entries.reduce((sum, { size }) => sum + size, plan.bytes - sizeOf(plan.entries)),
    to: version,
  };
}

function sizeOf(entries: readonly EntryInput[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}

/** From 0.6 to 0.4 the way leads through 0.5. */
function convertOme(
  ome: JsonObject,
  version: WritableVersion,
  place: { location: string; path: string },
): JsonObject {
  const is06 = String(ome["version"]).startsWith("0.6");
  if (version === "0.6") return is06 ? { ...ome, version } : upgradeTo06(ome, place);
  return is06 ? downgradeTo05(ome, place) : ome;
}

/** The `zarr.json` of every node that is written, by the node's path. */
async function documentsOf(
  { source, entries }: TransferPlan,
  options?: ReadOptions,
): Promise<Map<AbsolutePath, JsonObject>> {
  const fast = withFastGets(source);
  const documents = new Map<AbsolutePath, JsonObject>();
  const read = async (entry: EntryInput): Promise<void> => {
    const bytes = entry.content instanceof Uint8Array ? entry.content : await readEntry(fast, entry, options);
    const place = { location: source.name, path: entry.key.slice(1) };
    documents.set(parentKey(entry.key), parseJsonObject(bytes, place));
  };
  const wanted = entries.filter(({ key }) => keyName(key) === "zarr.json");
  for await (const _ of readAhead(wanted, READS_AT_ONCE, read)) options?.signal?.throwIfAborted();
  return documents;
}

function withDocuments(
  { entries }: TransferPlan,
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
): EntryInput[] {
  return entries.map((entry) => {
    const document = keyName(entry.key) === "zarr.json" ? documents.get(parentKey(entry.key)) : undefined;
    if (document === undefined) return entry;
    const content = stringifyJson(document);
    return { key: entry.key, size: content.length, content };
  });
}
