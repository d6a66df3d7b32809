import {
  type AbsolutePath,
  type Finding,
  type Hierarchy,
  type JsonObject,
  type OmeVersion,
  type ReadOptions,
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
  convertOme,
  type DocumentLocation,
  hasFreeAxes,
  imageAt,
  joinKey,
  omeVersionOf,
  omitMember,
  withFastGets,
} from "@ozx/core/internal";
import { downgradeEntries } from "../versions/downgrade-entries.js";
import { replaceDocuments } from "../versions/settle-documents.js";
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
  if (needs.zarrFormat === undefined) return { shards: false, omeVersion: "0.4" };
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
  if (version === "0.4" && plan.to === version) return plan;
  const location = plan.source.name;
  const converted = new Map<AbsolutePath, JsonObject>();
  const changed = new Map<AbsolutePath, JsonObject>();
  for (const [path, document] of await documentsOf(plan, options)) {
    const key = joinKey(path, "zarr.json");
    const where = { location, path: path === "/" ? "zarr.json" : path.slice(1) };
    const after = convertDocument(document, version, where);
    converted.set(path, after);
    if (after !== document) changed.set(key, after);
  }
  const written =
    version === "0.4"
      ? downgradeEntries(location, plan, converted)
      : { entries: replaceDocuments(plan.entries, changed) };
  return {
    ...plan,
    ...written,
    bytes: plan.bytes - totalSize(plan.entries) + totalSize(written.entries),
    to: version,
    findings: [...plan.findings, ...orientationFindings(plan.hierarchy)],
  };
}

/** Says that orientations (RFC-4) stay, although no version that can be written defines them. */
function orientationFindings(hierarchy: Hierarchy): Finding[] {
  for (const node of hierarchy.nodes.values()) {
    const version = omeVersionOf(node);
    if (version === undefined || !hasFreeAxes(version)) continue;
    const image = imageAt(hierarchy, node.path);
    const axes = image?.multiscales.flatMap((multiscale) => multiscale.axes) ?? [];
    if (axes.every(({ orientation }) => orientation === undefined)) continue;
    return [
      {
        rule: "kept-orientations",
        level: "policy",
        severity: "info",
        where: node.path,
        message: "The orientations of axes, which versions before 0.9 do not define, are kept as they are.",
        help: "Readers that do not know them ignore them; nothing needs to be done.",
      },
    ];
  }
  return [];
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
  // What is in it already keeps its bytes.
  if (ome["version"] === version) return document;
  // 0.4 is reached by way of 0.5: `downgradeEntries` does the second step.
  const converted = convertOme(ome, version === "0.6" ? "0.6" : "0.5", where);
  // The copy of the metadata below this node would be outdated.
  const kept = omitMember(document, "consolidated_metadata");
  return { ...kept, attributes: { ...attributes, ome: converted } };
}

/** The `zarr.json` of every node that is written, by the node's path. */
async function documentsOf(
  { source, entries, hierarchy }: TransferPlan,
  options?: ReadOptions,
): Promise<Map<AbsolutePath, JsonObject>> {
  const fast = withFastGets(source);
  const documents = new Map<AbsolutePath, JsonObject>();
  const read = async (entry: EntryInput): Promise<void> => {
    const path = parentKey(entry.key);
    const node = entry.content === entry.key ? hierarchy.nodes.get(path) : undefined;
    if (node?.zarrFormat === 3) {
      documents.set(path, node.document);
      return;
    }
    const bytes = entry.content instanceof Uint8Array ? entry.content : await readEntry(fast, entry, options);
    const where = { location: source.name, path: entry.key.slice(1) };
    documents.set(path, parseJsonObject(bytes, where));
  };
  const documentEntries = entries.filter(({ key }) => keyName(key) === "zarr.json");
  for await (const _ of readAhead(documentEntries, READS_AT_ONCE, read)) options?.signal?.throwIfAborted();
  return documents;
}
