import {
  type AbsolutePath,
  type ArrayDescription,
  InvalidMetadataError,
  type JsonObject,
  type OmeVersion,
  type ReadOptions,
  UnsupportedError,
  UsageError,
} from "@ozx/core";
import {
  type EntryInput,
  type EntryProducer,
  isJsonObject,
  keyName,
  parentKey,
  parseJsonObject,
  readAhead,
  readEntry,
} from "@ozx/core/container";
import {
  describeArrayV3,
  downgradeTo04,
  downgradeTo05,
  joinKey,
  listOf,
  resolvePath,
  stringifyJson,
  upgradeTo06,
  withFastGets,
} from "@ozx/core/internal";
import { downgradeArray, downgradedKey, upgradedKey } from "../versions/downgrade-array.js";
import type { TargetNeeds, TransferPlan } from "./plan-transfer.js";

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
    bytes: written.entries.reduce((sum, { size }) => sum + size, plan.bytes - totalSize(plan.entries)),
    to: version,
  };
}

function totalSize(entries: readonly EntryInput[]): number {
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

/**
 * A plan of OME-Zarr 0.5 as 0.4: documents of Zarr v2 for every node, chunks under nested keys with their bytes as
 * they are, and all other files unchanged.
 *
 * @param documents the `zarr.json` of every node
 * @throws UnsupportedError naming what cannot be said in Zarr v2
 */
export function downgradeEntries(
  plan: TransferPlan,
  documents: ReadonlyMap<AbsolutePath, JsonObject>,
): TransferPlan {
  const location = plan.source.name;
  const levels = levelPaths(documents);
  const arrays = new Map<AbsolutePath, ArrayDescription>();
  const entries: EntryInput[] = [];
  const put = (path: AbsolutePath, name: string, document: JsonObject): void => {
    const content = stringifyJson(document);
    entries.push({ key: joinKey(path, name), size: content.length, content });
  };
  for (const [path, document] of documents) {
    const place = { location, path: joinKey(path, "zarr.json").slice(1) };
    const written = document["attributes"];
    const attributes: JsonObject = isJsonObject(written) ? written : {};
    if (document["node_type"] === "array") {
      const array = describeArrayV3(document, place);
      arrays.set(path, array);
      put(path, ".zarray", downgradeArray(document, array, place));
      // The axes of an image name the dimensions of its levels already.
      const names = levels.has(path) ? undefined : array.dimensionNames;
      const all = names ? { ...attributes, _ARRAY_DIMENSIONS: names } : attributes;
      if (Object.keys(all).length > 0) put(path, ".zattrs", all);
    } else {
      put(path, ".zgroup", { zarr_format: 2 });
      const flat = downgradeTo04(attributes, place);
      if (Object.keys(flat).length > 0) put(path, ".zattrs", flat);
    }
  }
  for (const entry of plan.entries) {
    if (keyName(entry.key) === "zarr.json" && documents.has(parentKey(entry.key))) continue;
    entries.push({ ...entry, key: downgradedKey(entry.key, arrays) });
  }
  refuseDowngradeClash(entries, location);
  return { ...plan, entries, generated: downgradedProducer(plan.generated, arrays) };
}

/** Every array that is a level of an image. */
function levelPaths(documents: ReadonlyMap<AbsolutePath, JsonObject>): Set<AbsolutePath> {
  const levels = new Set<AbsolutePath>();
  for (const [path, { attributes }] of documents) {
    const ome = isJsonObject(attributes) ? attributes["ome"] : undefined;
    if (!isJsonObject(ome)) continue;
    for (const dataset of listOf(ome, "multiscales").flatMap((one) => listOf(one, "datasets"))) {
      const level = typeof dataset["path"] === "string" ? resolvePath(path, dataset["path"]) : undefined;
      if (level !== undefined) levels.add(level);
    }
  }
  return levels;
}

function downgradedProducer(
  made: EntryProducer | undefined,
  arrays: ReadonlyMap<AbsolutePath, ArrayDescription>,
): EntryProducer | undefined {
  if (made === undefined) return undefined;
  const down = (key: AbsolutePath): AbsolutePath => downgradedKey(key, arrays);
  const up = (key: AbsolutePath): AbsolutePath => upgradedKey(key, arrays);
  const { origin } = made;
  return {
    ...made,
    origin: origin && { ...origin, owns: (key) => origin.owns(up(key)) },
    async *produce(options) {
      const after = options?.after && up(options.after);
      for await (const entry of made.produce({ ...options, after })) {
        yield { ...entry, key: down(entry.key) };
      }
    },
  };
}

function refuseDowngradeClash(entries: readonly EntryInput[], location: string): void {
  const seen = new Set<AbsolutePath>();
  for (const { key } of entries) {
    if (seen.has(key)) {
      throw new InvalidMetadataError(
        `${location} holds a file where OME-Zarr 0.4 puts ${key.slice(1)}: remove it first`,
        { location, path: key },
      );
    }
    seen.add(key);
  }
}
