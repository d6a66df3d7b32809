import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { loadCodecs } from "../../codecs/codecs.js";
import { isOzxError } from "../../errors.js";
import { type Finding, sentence, violation } from "../../findings.js";
import { canReadSync, readEntrySync } from "../../store/entry-bytes.js";
import type { AbsolutePath, Store, StoreEntry, ValueOptions } from "../../store/store.js";
import { tooLongIn } from "../../store/value-limit.js";
import type { LocatedKey } from "../array-keys.js";
import { encodedBound } from "../codec/encoded-bound.js";
import { loadZarrita } from "../codec/load-zarrita.js";
import { SHARD_BLOCK } from "../shard/shard-index.js";
import { type ShardLayout, shardLayout } from "../shard/shard-layout.js";
import type { ArrayNode } from "../zarr-node.js";
import { checkShard } from "./check-shard.js";
import { type ChunkDecoder, chunkDecoder, type DecoderParts } from "./chunk-decoder.js";
import { CHUNK_DECODES, CHUNK_READ, CODEC_UNKNOWN } from "./zarr-rules.js";

/** Returns the task that checks the data of a key. */
export type DataCheck = (entry: StoreEntry, located: LocatedKey) => CheckTask;

/** What is prepared once for an array. */
interface ArrayCheck {
  readonly node: ArrayNode;
  readonly decoder: ChunkDecoder | undefined;
  readonly shards: ShardLayout | undefined;
  /** Why chunks are not decoded, reported with the first of them. */
  readonly findings: readonly Finding[];
}

/** Checks the data of arrays: every chunk is read, and decoded where that is possible. */
export async function createDataCheck(
  store: Store,
  { checker, ...options }: ReadOptions & Pick<DecoderParts, "checker">,
): Promise<DataCheck> {
  const codecs = { zarrita: await loadZarrita(), platform: await loadCodecs(), checker };
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

function prepare(node: ArrayNode, codecs: DecoderParts): ArrayCheck {
  const decoder = chunkDecoder(node, codecs);
  const shards = shardLayout(node);
  const findings: Finding[] = [];
  if ("rule" in decoder) findings.push(decoder);
  if (typeof shards === "string") {
    const { path } = node;
    findings.push(
      violation(CODEC_UNKNOWN, path, `The shards of the array ${path} were not decoded: ${shards}.`),
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
      return shards === undefined ? [] : await checkShard(store, entry, { layout: shards, decoder }, options);
    }
    const bytes = await readChunk(store, entry, { ...options, atMost: encodedBound(node.array) });
    if (bytes === undefined)
      return [violation(CHUNK_READ, entry.key, `${entry.key} is listed, but does not exist.`)];
    const reason = await decoder?.decode(bytes, options);
    options.signal?.throwIfAborted();
    return reason === undefined ? [] : [violation(CHUNK_DECODES, entry.key, `${entry.key} ${reason}.`)];
  } catch (error) {
    if (tooLongIn(error) !== undefined && isOzxError(error)) {
      return [violation(CHUNK_DECODES, entry.key, sentence(error.message))];
    }
    // Damage is a finding; a disk that fails or a file that changes ends the check.
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

/** Chunks up to this size are read by blocking where the platform can, which is several times faster. */
const SMALL = 256 * 1024;

async function readChunk(
  store: Store,
  { key, size }: StoreEntry,
  options: ValueOptions,
): Promise<Uint8Array | undefined> {
  if (size > SMALL || !canReadSync(store)) return store.get(key, options);
  // One byte larger, which shows when the chunk has grown.
  const target = new Uint8Array(size + 1);
  const isRead = readEntrySync(store, { key, size, content: key }, target);
  return isRead ? target.subarray(0, size) : store.get(key, options);
}

/** A part of a check. */
export interface CheckTask {
  /** The bytes of memory that it takes while it runs. */
  readonly cost: number;
  run(): Promise<readonly Finding[]>;
}

/** Enough to keep a disk or a server busy while this thread decodes. */
const AT_ONCE = 8;
/** In bytes. A task may cost more, but then it runs alone. */
const BUDGET = 64 * 1024 * 1024;

/** Runs tasks, several at once within a memory budget, and yields their findings in the order of the tasks. */
export async function* runCheckTasks(
  tasks: AsyncIterable<CheckTask>,
  { signal }: ReadOptions = {},
): AsyncGenerator<Finding> {
  const waiting: { cost: number; findings: Promise<readonly Finding[]> }[] = [];
  let cost = 0;
  const oldest = async (): Promise<readonly Finding[]> => {
    const task = waiting.shift();
    if (task === undefined) return [];
    const findings = await task.findings;
    cost -= task.cost;
    return findings;
  };
  for await (const task of tasks) {
    while (waiting.length > 0 && (waiting.length >= AT_ONCE || cost + task.cost > BUDGET))
      yield* await oldest();
    signal?.throwIfAborted();
    const findings = task.run();
    // A later failure must not count as unhandled while an earlier task is still waited for.
    findings.catch(() => {});
    waiting.push({ cost: task.cost, findings });
    cost += task.cost;
  }
  while (waiting.length > 0) yield* await oldest();
}
