import {
  type AbsolutePath,
  type ChunkWorkers,
  type Finding,
  type Hierarchy,
  isOzxError,
  type ReadOptions,
  readHierarchy,
  type Store,
  type StoreEntry,
  UsageError,
} from "@ozx/core";
import {
  checkKeysSafe,
  collectEntries,
  createThrottle,
  type EntryInput,
  type EntryProducer,
  keyName,
  type StoreTarget,
  type WriteOptions,
} from "@ozx/core/container";
import {
  inlineWorkers,
  levelDimensionNames,
  listEntries,
  NODE_DOCUMENTS,
  omeVersionOf,
  omeXmlKey,
  readZarrNode,
  type ShardRequest,
  versionNameOf,
} from "@ozx/core/internal";
import { type ArrayEntries, type ArrayRequests, arrayEntries } from "../chunks/array-entries.js";
import type { CodecRequest } from "../chunks/codec-request.js";
import { joinProducers, rewriteChunks } from "../chunks/rewrite-chunks.js";
import { type PyramidMethod, planPyramids } from "../pyramid/plan-pyramids.js";
import { recutsIn } from "../recut/recut-view.js";
import { withStrictJson } from "../versions/strict-json.js";
import { notOmeZarrIn } from "./not-ome-zarr.js";
import {
  largeEntriesFinding,
  leftOutFinding,
  metadataFindings,
  missingLevelFindings,
  type Rewritten,
  refuseMissingLevels,
  rewrittenFindings,
  splitJunk,
  summarizeRewrites,
  unlistedSourceFinding,
} from "./plan-findings.js";
import { type PreparedHierarchy, prepareDocuments } from "./prepare-documents.js";
import { strayFinding } from "./stray-finding.js";

/** What a transfer will write. It can be printed, or carried out by `runTransfer`. */
export interface TransferPlan {
  readonly source: Store;
  /** Entries whose sizes are known: copies of values of the source, and new metadata. */
  readonly entries: readonly EntryInput[];
  /** Keys of the source's metadata documents, which the plan was made from. */
  readonly documents: readonly AbsolutePath[];
  /** Entries whose bytes are generated while the transfer runs; undefined if there are none. */
  readonly generated?: EntryProducer | undefined;
  /** Paths of the lower-resolution levels that are added to images. */
  readonly levels: readonly AbsolutePath[];
  /** The arrays whose chunks are not copied as they are. */
  readonly rewritten: readonly Rewritten[];
  /** The size of all entries in bytes; an estimate if some are generated. */
  readonly bytes: number;
  /** The nodes of the source. */
  readonly hierarchy: Hierarchy;
  /** Groups that get OME-Zarr metadata, of which the source has none: wells, lists of label images. */
  readonly described: readonly AbsolutePath[];
  /** Whether the source's root is not OME-Zarr: all of it is copied as it is. */
  readonly isPlain: boolean;
  /** The OME-Zarr version of the source's root, as it is written there; if it is plain, its Zarr format. */
  readonly from: string;
  /** The OME-Zarr version of the root that is written; if it is plain, its Zarr format. */
  readonly to: string;
  /** What the user should know: findings of the reader, files that are left out, required rewrites. */
  readonly findings: readonly Finding[];
}

/** What a target requires of a hierarchy, independent of its container. */
export interface TargetNeeds {
  /** The Zarr format that it requires; any if undefined. */
  readonly zarrFormat?: 3 | undefined;
  /** The OME-Zarr version that metadata in Zarr v2 is upgraded to without leaving v2. */
  readonly omeVersion?: "0.4" | undefined;
  /** Whether it holds any Zarr hierarchy, copied as it is, and not only OME-Zarr. */
  readonly anyHierarchy?: boolean | undefined;
  /** False if it cannot hold shards: chunks become separate entries. */
  readonly shards?: false | undefined;
  /** The largest entry, in bytes, that all of its readers read; larger ones are reported. */
  readonly largestEntry?: number | undefined;
}

/** What a transfer changes. Without options, entries are copied as they are. */
export interface PlanOptions extends ReadOptions {
  /** Moves the chunks of image levels into shards, or with `none` those of all arrays out of them, byte for byte. */
  readonly shard?: ShardRequest | undefined;
  /** Adds the lower-resolution levels that images lack, down to at most 256 pixels in y and x. */
  readonly pyramid?: boolean | undefined;
  /** How the pixels of images are downsampled for these levels: by default their means. */
  readonly method?: PyramidMethod | undefined;
  /** Compresses the chunks of image levels with this codec. */
  readonly codec?: CodecRequest | undefined;
  /** Goes on where an image lists a level that has no array, with a finding; it is an error by default. */
  readonly allowMissing?: boolean | undefined;
  /** Where chunks are decoded and encoded; in this thread by default. Its owner closes it after the transfer. */
  readonly workers?: ChunkWorkers | undefined;
}

/**
 * Plans the transfer of a whole hierarchy to a target. Entries are copied as they are unless the options or the target
 * require otherwise: 0.1 to 0.4 are upgraded to 0.5 if the target requires Zarr v3, or if shards, a codec or a pyramid are
 * requested. Planning reads metadata and keys, and decodes no pixels. A hierarchy whose root is not OME-Zarr is copied as
 * it is, to a target that holds any.
 *
 * @throws UnknownFormatError if the source is not OME-Zarr, and the target or the options ask for it
 * @throws InvalidMetadataError if the metadata of a node is invalid and Zarr v3 is written, or a level has no array
 * @throws UnsupportedError if the source cannot be upgraded without loss
 * @throws UnsafeNameError if a key would lead out of a folder
 * @throws UsageError if the requested shards do not fit the chunks, name an axis that no level has, or cannot be written
 *   to the target
 */
export async function planTransfer(
  source: Store,
  target: TargetNeeds,
  options: PlanOptions = {},
): Promise<TransferPlan> {
  const shard = shardRequestFor(target, options);
  const root = await readZarrNode(source, "/", options);
  const version = root && omeVersionOf(root);
  const { codec, pyramid, method, workers = inlineWorkers() } = options;
  const isPlain = version === undefined;
  const { generatedArrays, remade } = recutsIn(source);
  const isRecut = generatedArrays.size > 0 || remade.size > 0;
  const isAsIs = shard === undefined && codec === undefined && !pyramid && !isRecut;
  if (root === undefined || (isPlain && !(target.anyHierarchy && isAsIs)))
    throw await notOmeZarrIn(source, root, options);
  const { hierarchy, listed } = await scanSource(source, options);
  // A million entries take some tenths of a second in each step.
  const pause = createThrottle(options);
  checkKeysSafe(
    listed.map(({ key }) => key),
    source.name,
  );
  await pause();
  const { kept, junk } = splitJunk(listed);
  const leftOut = leftOutFinding(junk);
  const needsV3 = isSharding(shard) || codec !== undefined || pyramid === true || isRecut;
  // Zarr v2 with metadata of 0.5 is nothing that any version allows.
  const isUpgrade =
    !isPlain && root.zarrFormat === 2 && (target.zarrFormat === 3 || needsV3 || version >= "0.5");
  refuseBroken(hierarchy, !isPlain && (isUpgrade || target.zarrFormat === 3));
  const missingLevels = await missingLevelFindings(hierarchy, options);
  if (options.allowMissing !== true) refuseMissingLevels(hierarchy, missingLevels);
  const requests = { shard, mustUnshard: shard !== options.shard, codec, generatedArrays };
  const prepared = await prepareDocuments(source, hierarchy, kept, {
    isPlain,
    isUpgrade,
    mustBeValid: target.zarrFormat === 3 || needsV3,
    isFor04: target.omeVersion === "0.4",
    signal: options.signal,
  });
  await pause();
  const arrays = await planArrays(source, hierarchy, prepared, { ...requests, signal: options.signal });
  const rewritten = summarizeRewrites(arrays.rewrites);
  const pyramids =
    pyramid || remade.size > 0
      ? await planPyramids(
          source,
          hierarchy,
          { entries: arrays.entries, stored: kept },
          { shard, codec, workers, method, only: pyramid ? undefined : remade, signal: options.signal },
        )
      : { entries: arrays.entries, generated: undefined, levels: [], findings: [] };
  await pause();
  const strict = isPlain
    ? { entries: pyramids.entries, findings: [] }
    : withStrictJson(pyramids.entries, hierarchy);
  const { levels } = pyramids;
  const { entries } = strict;
  await pause();
  const rewrites = await rewriteChunks(source, arrays.rewrites, workers, options);
  const generated = joinProducers([rewrites, pyramids.generated]);
  const stray = source.unlisted ? undefined : await strayFinding(kept, hierarchy, options);
  await pause();
  const large = largeEntriesFinding(entries, generated, target.largestEntry);
  return {
    source,
    entries,
    documents: kept.map(({ key }) => key).filter((key) => NODE_DOCUMENTS.includes(keyName(key))),
    generated,
    levels,
    rewritten,
    bytes: entries.reduce((sum, { size }) => sum + size, generated?.bytes ?? 0),
    hierarchy,
    described: prepared.described,
    isPlain,
    from: versionNameOf(root) ?? version ?? prepared.to,
    to: prepared.to,
    findings: [
      ...source.findings,
      ...(source.unlisted ? [unlistedSourceFinding(source)] : []),
      ...metadataFindings(hierarchy, missingLevels),
      ...(leftOut ? [leftOut] : []),
      ...(stray ? [stray] : []),
      ...prepared.findings,
      ...strict.findings,
      ...rewrittenFindings(rewritten),
      ...pyramids.findings,
      ...(large ? [large] : []),
    ],
  };
}

/** The requested shards; `none` if the target cannot hold any. */
function shardRequestFor({ shards }: TargetNeeds, { shard }: PlanOptions): ShardRequest | undefined {
  if (shards !== false) return shard;
  if (shard === undefined || shard === "none") return "none";
  throw new UsageError("OME-Zarr 0.4 has no shards: leave out the shards, or write version 0.5 or 0.6");
}

function isSharding(shard: ShardRequest | undefined): boolean {
  return shard !== undefined && shard !== "none";
}

/** All nodes and all entries. A store is listed only once, because listing can take as long as the rest of planning. */
async function scanSource(
  source: Store,
  { signal }: ReadOptions,
): Promise<{ hierarchy: Hierarchy; listed: readonly StoreEntry[] }> {
  if (source.unlisted === undefined) {
    const listed = await collectEntries(source.list({ signal }), { signal });
    const keys = listed.map(({ key }) => key);
    return { hierarchy: await readHierarchy(source, { signal, keys }), listed };
  }
  const hierarchy = await readHierarchy(source, { signal });
  const named = listEntries(source, hierarchy, { signal, also: [omeXmlKey("/")] });
  return { hierarchy, listed: await collectEntries(named, { signal }) };
}

/** A folder takes invalid metadata as it is, unless Zarr v3 is required. Metadata that cannot be read is always an error. */
function refuseBroken({ broken }: Hierarchy, mustBeValid: boolean): void {
  for (const { error } of broken) {
    if (mustBeValid || !isOzxError(error, "InvalidMetadata")) throw error;
  }
}

async function planArrays(
  source: Store,
  hierarchy: Hierarchy,
  { entries, documents, tasks }: PreparedHierarchy,
  {
    shard,
    codec,
    mustUnshard,
    generatedArrays,
    signal,
  }: Pick<ArrayRequests, "shard" | "mustUnshard" | "codec" | "generatedArrays"> & ReadOptions,
): Promise<ArrayEntries> {
  const changesLevels = isSharding(shard) || codec !== undefined;
  // Zarr v2 has no shards that chunks could leave.
  const isChanged =
    changesLevels || shard !== undefined || tasks.size > 0 || (generatedArrays?.size ?? 0) > 0;
  if (documents === undefined || !isChanged) return { entries, rewrites: [] };
  const levels = new Set(changesLevels ? (await levelDimensionNames(hierarchy, { signal })).keys() : []);
  const requests = { levels, shard, codec, mustUnshard, tasks, generatedArrays };
  return arrayEntries(source, entries, documents, requests, { signal });
}

/**
 * Carries out a plan. Output is written atomically: complete, or unchanged if this throws.
 *
 * @throws SourceChangedError if the source changed after planning
 * @throws WriteFailedError if the destination cannot be written
 */
export async function runTransfer(
  plan: TransferPlan,
  target: StoreTarget,
  options?: WriteOptions,
): Promise<void> {
  const { source, entries, documents, generated, isPlain } = plan;
  await target.write({ source, entries, documents, generated, isPlain }, options);
}
