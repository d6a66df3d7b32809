import type { AbsolutePath, Finding, Hierarchy, Store, StoreEntry } from "@ozx/core";
import { type EntryInput, type EntryProducer, keyName } from "@ozx/core/container";
import { type Codec, formatBytes, imageAt, omeVersionOf, plural } from "@ozx/core/internal";
import { type ArrayRewrite, chunksInShards } from "../chunks/encoded-chunks.js";

/** Whether a key is what desktops and editors leave in folders, and no part of an image. */
function isJunk(key: AbsolutePath): boolean {
  const name = keyName(key);
  return JUNK_NAMES.has(name) || name.startsWith("._") || key.includes("/__MACOSX/");
}

const JUNK_NAMES: ReadonlySet<string> = new Set([
  ".DS_Store",
  ".localized",
  ".directory",
  "Thumbs.db",
  "ehthumbs.db",
  "desktop.ini",
  "Icon\r",
]);

/** What is part of an image, and what is not. */
export function splitJunk(listed: readonly StoreEntry[]): { kept: StoreEntry[]; junk: StoreEntry[] } {
  const parted: { kept: StoreEntry[]; junk: StoreEntry[] } = { kept: [], junk: [] };
  for (const entry of listed) parted[isJunk(entry.key) ? "junk" : "kept"].push(entry);
  return parted;
}

/** Says which files a transfer leaves out, or undefined where it leaves out none. */
export function leftOutFinding(junk: readonly StoreEntry[]): Finding | undefined {
  const [first] = junk;
  if (first === undefined) return undefined;
  const names = [...new Set(junk.map(({ key }) => keyName(key)))].join(", ");
  return {
    rule: "left-out",
    level: "policy",
    severity: "info",
    where: first.key,
    message: `${junk.length} ${junk.length === 1 ? "file" : "files"} of the operating system left out: ${names}.`,
    help: "They are no part of the image; nothing needs to be done.",
  };
}

/** Nodes that cannot be understood, and levels whose arrays are not there: copied as they are, and told. */
export function metadataFindings(hierarchy: Hierarchy): Finding[] {
  const broken = hierarchy.broken.map(({ path, error }) => ({
    rule: "unreadable-node",
    level: "MUST" as const,
    severity: "error" as const,
    where: path,
    message: `${error.message}.`,
    help: "Correct the metadata.",
  }));
  return [...broken, ...missingLevelFindings(hierarchy)];
}

function* missingLevelFindings(hierarchy: Hierarchy): Generator<Finding> {
  for (const node of hierarchy.nodes.values()) {
    if (node.kind !== "group" || omeVersionOf(node) === undefined) continue;
    const image = imageAt(hierarchy, node.path);
    for (const { array, problems } of image?.multiscales.flatMap(({ levels }) => levels) ?? []) {
      if (array === undefined) yield* problems;
    }
  }
}

export function unlistedSourceFinding({ name }: Store): Finding {
  return {
    rule: "unlisted-source",
    level: "policy",
    severity: "info",
    where: "/",
    message: `${name} is on a server, which does not list it: what its metadata names is copied, and nothing that lies beside.`,
    help: "Copy the folder with the server's own tool to have all files.",
  };
}

/** Tells of entries that not every reader of the container finds; undefined where there are none. */
export function largeEntriesFinding(
  entries: readonly EntryInput[],
  made: EntryProducer | undefined,
  limit: number | undefined,
): Finding | undefined {
  if (limit === undefined) return undefined;
  const large = entries.filter(({ size }) => size > limit);
  const largest = large.reduce<EntryInput | undefined>((a, b) => (a && a.size >= b.size ? a : b), undefined);
  const madeSize = made?.largest ?? 0;
  if (largest === undefined && madeSize <= limit) return undefined;
  const what =
    largest === undefined
      ? `Entries of about ${formatBytes(madeSize)} are made`
      : `${plural(large.length, "entry is", "entries are")} larger than 4 GiB, as ${largest.key.slice(1)} of ${formatBytes(largest.size)}`;
  return {
    rule: "large-entry",
    level: "policy",
    severity: "warning",
    where: largest?.key ?? "/",
    message: `${what}: tensorstore (0.1.86) does not see entries of more than 4 GiB in a zip, and reads the fill value instead.`,
    help: "Ask for smaller shards with --shard, where tensorstore is to read them.",
  };
}

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
  readonly isRequired: boolean;
}

export function summarizeRewrites(rewrites: readonly ArrayRewrite[]): Rewritten[] {
  return rewrites.map((rewrite) => {
    const { path, task, stored, isRequired } = rewrite;
    return {
      path,
      kind: kindOf(rewrite),
      codec: task?.kind === "recode" ? formatCodecs(task.to) : "",
      objects: stored.length,
      bytes: stored.reduce((sum, { size }) => sum + size, 0),
      chunks: leavesShards(rewrite) ? chunksInShards(rewrite) : undefined,
      isRequired,
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

function formatCodecs(codecs: readonly Codec[]): string {
  return codecs.map(formatCodec).join(" ") || "none";
}

function formatCodec({ name, configuration }: Codec): string {
  const { level, cname, clevel, shuffle } = configuration;
  return name === "blosc" ? [name, cname, clevel, shuffle].join(":") : `${name}:${level}`;
}

/** Says what nobody asked for, once for all arrays that it happens to alike. */
export function rewrittenFindings(rewritten: readonly Rewritten[]): Finding[] {
  const groups = new Map<string, Rewritten[]>();
  for (const one of rewritten.filter(({ isRequired }) => isRequired)) {
    const id = one.chunks === undefined ? `${one.kind} ${one.codec}` : "unsharded";
    groups.set(id, [...(groups.get(id) ?? []), one]);
  }
  return [...groups.values()].map(requiredRewriteFinding);
}

function requiredRewriteFinding(alike: readonly Rewritten[]): Finding {
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
