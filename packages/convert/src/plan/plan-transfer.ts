import {
  type AbsolutePath,
  type ChunkWorkers,
  type Finding,
  type Hierarchy,
  isOzxError,
  type JsonObject,
  type OmeVersion,
  type ReadOptions,
  readHierarchy,
  type Store,
  type StoreEntry,
  UsageError,
  type ZarrNode,
} from "@ozx/core";
import {
  checkKeysSafe,
  collectEntries,
  type EntryInput,
  type EntryProducer,
  type StoreTarget,
  type WriteOptions,
} from "@ozx/core/container";
import {
  inlineWorkers,
  levelDimensionNames,
  listEntries,
  notOmeZarr,
  omeVersionOf,
  omeXmlKey,
  readZarrNode,
  type ShardRequest,
  UPGRADED_VERSION,
} from "@ozx/core/internal";
import { type ArrayEntries, type ArrayRequests, arrayEntries } from "../chunks/array-entries.js";
import type { CodecRequest } from "../chunks/codec-request.js";
import { joinProducers, rewriteChunks } from "../chunks/rewrite-chunks.js";
import { planPyramids } from "../pyramid/plan-pyramids.js";
import { upgradeEntries } from "../versions/upgrade-entries.js";
import {
  largeEntriesFinding,
  leftOutFinding,
  metadataFindings,
  type Rewritten,
  rewrittenFindings,
  splitJunk,
  summarizeRewrites,
  unlistedSourceFinding,
} from "./plan-findings.js";

/** What a transfer will write: data, to be printed or carried out by `runTransfer`. */
export interface TransferPlan {
  readonly source: Store;
  readonly entries: readonly EntryInput[];
  /** More entries, which are made while the transfer runs. */
  readonly generated?: EntryProducer | undefined;
  /** The levels that are added to images. */
  readonly levels: readonly AbsolutePath[];
  /** What is done to the chunks of the arrays that are made, for people. */
  readonly rewritten: readonly Rewritten[];
  /** Bytes of all entries together; where some are made, about that many. */
  readonly bytes: number;
  /** The OME-Zarr versions of the source and of what will be written. */
  readonly from: OmeVersion;
  readonly to: OmeVersion;
  /** What a person should know before or after: a tolerant reader's findings, files left out. */
  readonly findings: readonly Finding[];
}

/** What a destination asks of a hierarchy, whatever container it is. */
export interface TargetNeeds {
  /** The Zarr format that it must have; any when undefined. */
  readonly zarrFormat?: 3 | undefined;
  /** False where there may be no shards: chunks leave them. */
  readonly shards?: false | undefined;
  /** The largest entry, in bytes, that all of its readers read; larger ones are told of. */
  readonly largestEntry?: number | undefined;
}

export interface PlanOptions extends ReadOptions {
  /** Put the chunks of image levels into shards, or those of all arrays out of them, their bytes as they are. */
  readonly shard?: ShardRequest | undefined;
  /** Add the smaller levels that images lack, down to one of 256 pixels or less in y and x. */
  readonly pyramid?: boolean | undefined;
  /** Compress the chunks of image levels with this. */
  readonly codec?: CodecRequest | undefined;
  /** Where chunks are decoded and encoded; in this thread by default. Its owner closes it after the transfer. */
  readonly workers?: ChunkWorkers | undefined;
}

/**
 * Plans the transfer of a whole hierarchy to a target: as it is, upgraded from 0.4 to 0.5 where the target must
 * hold Zarr v3 or shards or codecs are asked for, and sharded or encoded anew where they are. No pixel is decoded
 * yet.
 *
 * @throws UnknownFormatError when the source holds no OME-Zarr
 * @throws InvalidMetadataError when a node cannot be understood and the target wants Zarr v3
 * @throws UnsupportedError when it cannot be upgraded without loss
 * @throws UnsafeNameError when a key would leave a folder
 * @throws UsageError when the shards asked for do not fit the chunks, or are along an axis that no level has, or
 *   cannot be where the target is
 */
export async function planTransfer(
  source: Store,
  target: TargetNeeds,
  options: PlanOptions = {},
): Promise<TransferPlan> {
  const shard = shardRequestFor(target, options);
  const root = await readZarrNode(source, "/", options);
  const from = root && omeVersionOf(root);
  if (root === undefined || from === undefined) throw await notOmeZarrIn(source, root, options);
  const { hierarchy, listed } = await scanSource(source, options);
  checkKeysSafe(
    listed.map(({ key }) => key),
    source.name,
  );
  const { kept, junk } = splitJunk(listed);
  const leftOut = leftOutFinding(junk);
  const upgrade =
    root.zarrFormat === 2 &&
    (target.zarrFormat === 3 ||
      (shard !== undefined && shard !== "none") ||
      options.codec !== undefined ||
      options.pyramid === true);
  refuseBroken(hierarchy, upgrade || target.zarrFormat === 3);
  const work = options.workers ?? inlineWorkers();
  const requests = {
    shard,
    mustUnshard: shard !== options.shard,
    codec: options.codec,
  };
  const planned = planEntries(source, hierarchy, kept, upgrade, requests);
  const rewritten = summarizeRewrites(planned.rewrites);
  const rewrites = rewriteChunks(source, planned.rewrites, work);
  const pyramids = options.pyramid
    ? planPyramids(
        source,
        hierarchy,
        { entries: planned.entries, stored: kept },
        { shard, codec: options.codec, workers: work },
      )
    : { entries: planned.entries, generated: undefined, levels: [], findings: [] };
  const { entries, levels } = pyramids;
  const made = joinProducers([rewrites, pyramids.generated]);
  const large = largeEntriesFinding(entries, made, target.largestEntry);
  return {
    source,
    entries,
    generated: made,
    levels,
    rewritten,
    bytes: entries.reduce((sum, { size }) => sum + size, made?.bytes ?? 0),
    from,
    to: upgrade ? UPGRADED_VERSION : from,
    findings: [
      ...source.findings,
      ...(source.unlisted ? [unlistedSourceFinding(source)] : []),
      ...metadataFindings(hierarchy),
      ...(leftOut ? [leftOut] : []),
      ...rewrittenFindings(rewritten),
      ...pyramids.findings,
      ...(large ? [large] : []),
    ],
  };
}

function shardRequestFor({ shards }: TargetNeeds, { shard }: PlanOptions): ShardRequest | undefined {
  if (shards !== false) return shard;
  if (shard === undefined || shard === "none") return "none";
  throw new UsageError(
    "OME-Zarr 0.4 has no shards, which came with 0.5: leave out the shards, or the version",
  );
}

/** All nodes and all entries. What can be listed is listed once, which takes as long as much of the rest. */
async function scanSource(
  source: Store,
  { signal }: ReadOptions,
): Promise<{ hierarchy: Hierarchy; listed: readonly StoreEntry[] }> {
  if (source.unlisted === undefined) {
    const listed = await collectEntries(source.list({ signal }));
    const keys = listed.map(({ key }) => key);
    return { hierarchy: await readHierarchy(source, { signal, keys }), listed };
  }
  const hierarchy = await readHierarchy(source, { signal });
  const named = listEntries(source, hierarchy, { signal }, [omeXmlKey("/")]);
  return { hierarchy, listed: await collectEntries(named) };
}

/** Metadata that cannot be understood goes to a folder as it is; what cannot even be read goes nowhere. */
function refuseBroken({ broken }: Hierarchy, strict: boolean): void {
  for (const { error } of broken) {
    if (strict || !isOzxError(error, "InvalidMetadata")) throw error;
  }
}

function planEntries(
  source: Store,
  hierarchy: Hierarchy,
  kept: readonly StoreEntry[],
  upgrade: boolean,
  requests: Pick<ArrayRequests, "shard" | "mustUnshard" | "codec">,
): ArrayEntries {
  const { shard, codec } = requests;
  const asTheyAre = (): EntryInput[] => kept.map(({ key, size }) => ({ key, size, content: key }));
  const isOfLevels = (shard !== undefined && shard !== "none") || codec !== undefined;
  // Zarr v2 has no shards to take chunks out of.
  const isV3 = upgrade || hierarchy.nodes.get("/")?.zarrFormat === 3;
  if (!isV3 || (!upgrade && !isOfLevels && shard === undefined))
    return { entries: asTheyAre(), rewrites: [] };
  const { entries, documents, tasks } = upgrade
    ? upgradeEntries(source, hierarchy, kept)
    : { entries: asTheyAre(), documents: documentsOf(hierarchy), tasks: new Map() };
  const levels = new Set(isOfLevels ? levelDimensionNames(hierarchy).keys() : []);
  return arrayEntries(source, entries, documents, { levels, ...requests, tasks });
}

/** What is not the image may be a folder around it, or around everything: it is not looked through for long. */
async function notOmeZarrIn(source: Store, root: ZarrNode | undefined, options: ReadOptions) {
  const nodes = new Map<AbsolutePath, ZarrNode>(root && [["/", root]]);
  const alone: Hierarchy = { location: source.name, nodes, broken: [] };
  if (root?.kind === "array") return notOmeZarr(source, alone);
  const patience = AbortSignal.timeout(SEARCH_TIMEOUT);
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
  const hierarchy = await readHierarchy(source, { signal }).catch(() => alone);
  options.signal?.throwIfAborted();
  return notOmeZarr(source, hierarchy);
}

const SEARCH_TIMEOUT = 2_000;

function documentsOf({ nodes }: Hierarchy): Map<AbsolutePath, JsonObject> {
  return new Map([...nodes].map(([path, { document }]) => [path, document]));
}

/**
 * Carries a plan out: everything is written, or, when this throws, nothing.
 *
 * @throws SourceChangedError when the source is not what was planned with
 * @throws WriteFailedError when the destination cannot be written
 */
export async function runTransfer(
  plan: TransferPlan,
  target: StoreTarget,
  options?: WriteOptions,
): Promise<void> {
  await target.write({ source: plan.source, entries: plan.entries, generated: plan.generated }, options);
}
