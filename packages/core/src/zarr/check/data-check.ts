import type { ReadOptions } from "../../bytes/byte-source.js";
import { isOzxError } from "../../errors.js";
import type { Finding } from "../../findings/finding.js";
import { breach } from "../../findings/rule.js";
import { canReadSync, readEntrySync } from "../../store/entry-bytes.js";
import type { AbsolutePath, Store, StoreEntry } from "../../store/store.js";
import { codecPlatform } from "../codec/platform.js";
import type { ArrayNode } from "../node.js";
import { SHARD_BLOCK } from "../shard/extent-blocks.js";
import { type ShardLayout, shardLayout } from "../shard/shard-layout.js";
import { sentence } from "./check-nodes.js";
import { checkShard } from "./check-shard.js";
import { type ChunkDecoder, chunkDecoder } from "./chunk-decoder.js";
import type { LocatedKey } from "./locate-key.js";
import { CHUNK_DECODES, CHUNK_READ, CODEC_UNKNOWN } from "./rules.js";
import type { Job } from "./run-jobs.js";

/** Makes the job that checks the data under a key. */
export type DataCheck = (entry: StoreEntry, located: LocatedKey) => Job;

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
      breach(CODEC_UNKNOWN, path, `The shards of the array ${path} are not looked into: ${shards}.`),
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
    if (bytes === undefined) return [breach(CHUNK_READ, entry.key, `${entry.key} is listed and not there.`)];
    const reason = await decoder?.decode(bytes);
    options.signal?.throwIfAborted();
    return reason === undefined ? [] : [breach(CHUNK_DECODES, entry.key, `${entry.key} ${reason}.`)];
  } catch (error) {
    // Damage is what is looked for; a disk that fails or a file that changes ends the check.
    if (
      isOzxError(error, "CorruptData") ||
      isOzxError(error, "InvalidArchive") ||
      isOzxError(error, "Unsupported")
    ) {
      return [breach(CHUNK_READ, entry.key, sentence(error.message))];
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
