import type { Finding } from "../findings.js";
import { plural } from "../format/quantities.js";
import type { AbsolutePath } from "../store/store.js";
import type { Codec } from "../zarr/codec/codec.js";
import type { ArrayRewrite } from "./array-rewrite.js";
import { chunksInShards } from "./unshard-chunks.js";

/** What happens to the chunks of an array. */
export type RewriteKind = "encoded" | "rewrapped" | "regrouped" | "unsharded";

/** What happens to the chunks of an array that is not copied as it is. */
export interface Rewritten {
  readonly path: AbsolutePath;
  readonly kind: RewriteKind;
  /** The new codecs of bytes, as people ask for them: `zstd:5`, `none`; empty where they stay. */
  readonly codec: string;
  /** How many chunks, or shards, are read, and their bytes. */
  readonly objects: number;
  readonly bytes: number;
  /** How many entries they become at most, where chunks leave their shards. */
  readonly chunks?: number | undefined;
  /**
   * Whether nobody asked for it: filters or a compressor that Zarr v3 has none like, or shards, which Zarr v2 does
   * not have.
   */
  readonly forced: boolean;
}

export function summarizeRewrites(rewrites: readonly ArrayRewrite[]): Rewritten[] {
  return rewrites.map((rewrite) => {
    const { path, task, stored, forced } = rewrite;
    return {
      path,
      kind: kindOf(rewrite),
      codec: task?.kind === "recode" ? spellCodecs(task.to) : "",
      objects: stored.length,
      bytes: stored.reduce((sum, { size }) => sum + size, 0),
      chunks: leavesShards(rewrite) ? chunksInShards(rewrite) : undefined,
      forced,
    };
  });
}

function kindOf(rewrite: ArrayRewrite): RewriteKind {
  if (rewrite.task !== undefined) return rewrite.task.kind === "rewrap" ? "rewrapped" : "encoded";
  return leavesShards(rewrite) ? "unsharded" : "regrouped";
}

function leavesShards({ shards, shardShape }: ArrayRewrite): boolean {
  return shards !== undefined && shardShape === undefined;
}

function spellCodecs(codecs: readonly Codec[]): string {
  return codecs.map(spellCodec).join(" ") || "none";
}

function spellCodec({ name, configuration }: Codec): string {
  const { level, cname, clevel, shuffle } = configuration;
  return name === "blosc" ? [name, cname, clevel, shuffle].join(":") : `${name}:${level}`;
}

/** Says what nobody asked for, once for all arrays that it happens to alike. */
export function rewrittenFindings(rewritten: readonly Rewritten[]): Finding[] {
  const groups = new Map<string, Rewritten[]>();
  for (const one of rewritten.filter(({ forced }) => forced)) {
    const id = one.chunks === undefined ? `${one.kind} ${one.codec}` : "unsharded";
    groups.set(id, [...(groups.get(id) ?? []), one]);
  }
  return [...groups.values()].map(unaskedFinding);
}

function unaskedFinding(alike: readonly Rewritten[]): Finding {
  const { path, kind, codec, chunks } = alike[0] as Rewritten;
  const arrays =
    alike.length === 1 ? path.slice(1) : `${plural(alike.length, "array")} (the first is ${path.slice(1)})`;
  if (chunks !== undefined) {
    return {
      rule: "unsharded",
      level: "policy",
      severity: "info",
      where: path,
      message: `OME-Zarr 0.4 has no shards: each chunk of ${arrays} becomes an entry of its own.`,
      help: "The pixels stay the same; nothing needs to be done.",
    };
  }
  return {
    rule: "upgraded-codec",
    level: "policy",
    severity: "info",
    where: path,
    message:
      kind === "rewrapped"
        ? `Zarr v3 does not know zlib: the chunks of ${arrays} become gzip, their compressed data as they are.`
        : `Zarr v3 does not know the filters or the compressor of ${arrays}: the chunks are encoded anew with ${codec}.`,
    help: "The pixels stay the same; nothing needs to be done.",
  };
}
