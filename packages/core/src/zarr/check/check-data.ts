import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { isOzxError } from "../../errors.js";
import { type Finding, sentence, violation } from "../../findings.js";
import { canReadSync, readEntrySync } from "../../store/entry-bytes.js";
import type { AbsolutePath, Store, StoreEntry } from "../../store/store.js";
import type { LocatedKey } from "../array-keys.js";
import { codecPlatform } from "../codec/codec.js";
import { SHARD_BLOCK } from "../shard/shard-index.js";
import { type ShardLayout, shardLayout } from "../shard/shard-layout.js";
import type { ArrayNode } from "../zarr-node.js";
import { checkShard } from "./check-shard.js";
import { type ChunkDecoder, chunkDecoder } from "./chunk-decoder.js";
import { CHUNK_DECODES, CHUNK_READ, CODEC_UNKNOWN } from "./zarr-rules.js";

/** Makes the job that checks the data under a key. */
export type DataCheck = (entry: StoreEntry, located: LocatedKey) => CheckTask;

/** All that is worked out once for an array. */
interface ArrayCheck {
  readonly node: ArrayNode;
  readonly decoder: ChunkDecoder | undefined;
  readonly shards: ShardLayout | undefined;
  /** Why chunks are not decoded, to be told with the first of them. */
  readonly findings: readonly Finding[];
}

/** Reads, and decodes where it can, what is stored under the keys of arrays. */
export async function createDataCheck(store: Store, options: ReadOptions): Promise<DataCheck> {
  const codecs = { zarrita: await import("zarrita"), platform: await codecPlatform() };
  const checks = new Map<AbsolutePath, ArrayCheck>();
  const checkOf = (node: ArrayNode): { check: ArrayCheck; findings: readonly Finding[] } => {
    const known = checks.get(node.path);
    if (known !== undefined) return { check: known, findings: [] };
    const check = prepare(node, codecs);
    checks.set(node.path, check);
    return { check, findings: check.findings };
  };
  return (entry, { node }) => {
    const { check, findings } = checkOf(node);
    const size = node.array.shardShape === undefined ? entry.size : Math.min(entry.size, SHARD_BLOCK);
    return {
      cost: size + (check.decoder?.size ?? 0),
      run: async () => [...findings, ...(await checkEntry(store, entry, check, options))],
    };
  };
}

function prepare(node: ArrayNode, codecs: Parameters<typeof chunkDecoder>[1]): ArrayCheck {
  const decoder = chunkDecoder(node, codecs);
  const shards = shardLayout(node);
  const findings: Finding[] = [];
  if ("rule" in decoder) findings.push(decoder);
  if (typeof shards === "string") {
    const { path } = node;
    findings.push(
      violation(CODEC_UNKNOWN, path, `The shards of the array ${path} are not looked into: ${shards}.`),
    );
  }
  return {
    node,
    decoder: "rule" in decoder ? undefined : decoder,
    shards: typeof shards === "string" ? undefined : shards,
    findings,
  };
}

async function checkEntry(
  store: Store,
  entry: StoreEntry,
  { node, decoder, shards }: ArrayCheck,
  options: ReadOptions,
): Promise<Finding[]> {
  try {
    if (node.array.shardShape !== undefined) {
      return shards === undefined ? [] : await checkShard(store, entry, shards, decoder, options);
    }
    const bytes = await readChunk(store, entry, options);
    if (bytes === undefined)
      return [violation(CHUNK_READ, entry.key, `${entry.key} is listed and not there.`)];
    const reason = await decoder?.decode(bytes);
    options.signal?.throwIfAborted();
    return reason === undefined ? [] : [violation(CHUNK_DECODES, entry.key, `${entry.key} ${reason}.`)];
  } catch (error) {
    // Damage is what is looked for; a disk that fails or a file that changes ends the check.
    if (
      isOzxError(error, "CorruptData") ||
      isOzxError(error, "InvalidArchive") ||
      isOzxError(error, "Unsupported")
    ) {
      return [violation(CHUNK_READ, entry.key, sentence(error.message))];
    }
    throw error;
  }
}

/** Chunks up to this size are read at once where the platform can, which is several times faster. */
const SMALL = 256 * 1024;

async function readChunk(
  store: Store,
  { key, size }: StoreEntry,
  options: ReadOptions,
): Promise<Uint8Array | undefined> {
  if (size > SMALL || !canReadSync(store)) return store.get(key, options);
  // One byte more than the chunk has, to see that it has not grown.
  const target = new Uint8Array(size + 1);
  readEntrySync(store, { key, size, content: key }, target);
  return target.subarray(0, size);
}

/** A piece of checking, and how many bytes of memory it takes while it runs. */
export interface CheckTask {
  readonly cost: number;
  run(): Promise<readonly Finding[]>;
}

/** Enough to keep decompression in other threads busy while this one decodes. */
const AT_ONCE = 8;
/** One job may cost more than this, but then it runs alone. */
const BUDGET = 64 * 1024 * 1024;

/** Runs jobs, some at once, and yields what they find in the order of the jobs. */
export async function* runCheckTasks(
  jobs: AsyncIterable<CheckTask>,
  { signal }: ReadOptions = {},
): AsyncGenerator<Finding> {
  const waiting: { cost: number; findings: Promise<readonly Finding[]> }[] = [];
  let cost = 0;
  const oldest = async (): Promise<readonly Finding[]> => {
    const job = waiting.shift();
    if (job === undefined) return [];
    const findings = await job.findings;
    cost -= job.cost;
    return findings;
  };
  for await (const job of jobs) {
    while (waiting.length > 0 && (waiting.length >= AT_ONCE || cost + job.cost > BUDGET))
      yield* await oldest();
    signal?.throwIfAborted();
    const findings = job.run();
    // A later failure must not count as unhandled while an earlier job is still waited for.
    findings.catch(() => {});
    waiting.push({ cost: job.cost, findings });
    cost += job.cost;
  }
  while (waiting.length > 0) yield* await oldest();
}
