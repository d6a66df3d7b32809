import {
  type AbsolutePath,
  type JsonObject,
  type OmeVersion,
  type ReadOptions,
  UnsupportedError,
  UsageError,
} from "@ozx/core";
import {
  type EntryInput,
  isJsonObject,
  keyName,
  parentKey,
  parseJsonObject,
  readAhead,
  readEntry,
} from "@ozx/core/container";
import {
  type DocumentLocation,
  downgradeTo05,
  omitMember,
  upgradeTo06,
  withFastGets,
} from "@ozx/core/internal";
import { documentInput } from "../chunks/document-entries.js";
import { downgradeEntries } from "../versions/downgrade-entries.js";
import type { TargetNeeds, TransferPlan } from "./plan-transfer.js";

/** The versions of OME-Zarr that can be written. */
export type WritableVersion = Extract<OmeVersion, "0.4" | "0.5" | "0.6">;

/** Documents that are read at once. */
const READS_AT_ONCE = 32;

/**
 * The needs of a target that receives a certain version: a plan for them can be passed to {@link planVersion}.
 *
 * @throws UsageError if the target cannot hold that version
 */
export function needsOfVersion(version: WritableVersion, needs: TargetNeeds): TargetNeeds {
  if (version !== "0.4") return { zarrFormat: 3, largestEntry: needs.largestEntry };
  if (needs.zarrFormat === undefined) return { shards: false };
  throw new UsageError(
    "an .ozx cannot hold OME-Zarr 0.4: RFC-9 requires a zarr.json, which 0.4 does not have; write 0.4 to a folder, with a name that ends in .zarr",
  );
}

/**
 * Changes a plan to write another version of OME-Zarr: 0.4 (Zarr v2), 0.5 or 0.6. Only metadata changes, and for 0.4
 * the keys of chunks.
 *
 * @param plan made with the needs from {@link needsOfVersion}
 * @throws UnsupportedError naming what the version cannot express
 */
export async function planVersion(
  plan: TransferPlan,
  version: WritableVersion,
  options?: ReadOptions,
): Promise<TransferPlan> {
  if (plan.to === version) return plan;
  if (plan.to < "0.5") {
    throw new UnsupportedError(
      `${plan.source.name} is OME-Zarr ${plan.to}, which cannot become ${version}: convert it to 0.4 with another program first`,
      { location: plan.source.name, feature: `OME-Zarr ${plan.to}` },
    );
  }
  const location = plan.source.name;
  const converted = new Map<AbsolutePath, JsonObject>();
  for (const [path, document] of await documentsOf(plan, options)) {
    const where = { location, path: path === "/" ? "zarr.json" : path.slice(1) };
    converted.set(path, convertDocument(document, version, where));
  }
  const written =
    version === "0.4"
      ? downgradeEntries(location, plan, converted)
      : { entries: withDocumentsOf(plan, converted) };
  return {
    ...plan,
    ...written,
    bytes: plan.bytes - totalSize(plan.entries) + totalSize(written.entries),
    to: version,
  };
}

function totalSize(entries: readonly EntryInput[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}

function convertDocument(
  document: JsonObject,
  version: WritableVersion,
  where: DocumentLocation,
): JsonObject {
  const attributes = document["attributes"];
  const ome = isJsonObject(attributes) ? attributes["ome"] : undefined;
  if (!isJsonObject(attributes) || !isJsonObject(ome)) return document;
  // The copy of the metadata below this node would be outdated.
  const kept = omitMember(document, "consolidated_metadata");
  return { ...kept, attributes: { ...attributes, ome: convertOme(ome, version, where) } };
}

/** 0.6 becomes 0.4 by way of 0.5: `downgradeEntries` does the second step. */
function convertOme(ome: JsonObject, version: WritableVersion, where: DocumentLocation): JsonObject {
  const is06 = String(ome["version"]).startsWith("0.6");
  if (version === "0.6") return is06 ? { ...ome, version } : upgradeTo06(ome, where);
  return is06 ? downgradeTo05(ome, where) : ome;
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
    const where = { location: source.name, path: entry.key.slice(1) };
    documents.set(parentKey(entry.key), parseJsonObject(bytes, where));
  };
  const documentEntries = entries.filter(({ key }) => keyName(key) === "zarr.json");
  for await (const _ of readAhead(documentEntries, READS_AT_ONCE, read)) options?.signal?.throwIfAborted();
  return documents;
}

function withDocumentsOf(
  { entries }: TransferPlan,
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
): EntryInput[] {
  return entries.map((entry) => {
    const document = keyName(entry.key) === "zarr.json" ? documents.get(parentKey(entry.key)) : undefined;
    return document === undefined ? entry : documentInput(entry.key, document);
  });
}
