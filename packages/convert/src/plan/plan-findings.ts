import {
  type AbsolutePath,
  type Finding,
  type Hierarchy,
  InvalidMetadataError,
  isOzxError,
  type ReadOptions,
  readOme,
  type Store,
  type StoreEntry,
} from "@ozx/core";
import { createThrottle, type EntryInput, type EntryProducer, keyName } from "@ozx/core/container";
import {
  type Codec,
  checkForms,
  formatBytes,
  knownVersion,
  MISSING_ARRAY,
  omeMetadataOf,
  plural,
} from "@ozx/core/internal";
import { type ArrayRewrite, countChunks } from "../chunks/array-rewrite.js";

/** Separates what desktops and editors leave in folders (`junk`) from what a transfer copies (`kept`). */
export function splitJunk(listed: readonly StoreEntry[]): { kept: StoreEntry[]; junk: StoreEntry[] } {
  const split: { kept: StoreEntry[]; junk: StoreEntry[] } = { kept: [], junk: [] };
  for (const entry of listed) split[isJunk(entry.key) ? "junk" : "kept"].push(entry);
  return split;
}

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

/** Names the junk files that a transfer leaves out; undefined if there are none. */
export function leftOutFinding(junk: readonly StoreEntry[]): Finding | undefined {
  const [first] = junk;
  if (first === undefined) return undefined;
  const names = [...new Set(junk.map(({ key }) => keyName(key)))].join(", ");
  return {
    rule: "left-out",
    level: "policy",
    severity: "info",
    where: first.key,
    message: `${plural(junk.length, "file of the operating system", "files of the operating system")} left out: ${names}.`,
    help: "They are not part of the image; nothing needs to be done.",
  };
}

/**
 * Reports nodes with invalid metadata, levels without an array, and nodes whose names look the same. A transfer to a folder
 * copies the first two as they are.
 *
 * @param missingLevels from {@link missingLevelFindings}
 */
export function metadataFindings(hierarchy: Hierarchy, missingLevels: readonly Finding[]): Finding[] {
  const broken = hierarchy.broken.map(({ path, error }) => ({
    rule: "unreadable-node",
    level: "MUST" as const,
    severity: "error" as const,
    where: path,
    message: `${error.message}.`,
    help: "Correct the metadata.",
  }));
  return [...broken, ...missingLevels, ...unknownVersionFindings(hierarchy), ...checkForms(hierarchy)];
}

/** Reports a version that is not known, once: what is upgraded loses it. */
function unknownVersionFindings({ nodes }: Hierarchy): Finding[] {
  for (const node of nodes.values()) {
    const { version, writtenVersion } = omeMetadataOf(node) ?? {};
    if (version === undefined || writtenVersion === undefined) continue;
    if (knownVersion(writtenVersion) !== undefined) continue;
    return [
      {
        rule: "unknown-version",
        level: "policy",
        severity: "warning",
        where: node.path,
        message: `${node.path} is written in OME-Zarr version "${writtenVersion}", which is not known: it is taken for ${version}, and what is upgraded gets the new version.`,
        help: "Check that the output says what the input said.",
      },
    ];
  }
  return [];
}

/** Reports levels without an array, and images of which nothing can be read. */
export async function missingLevelFindings(
  hierarchy: Hierarchy,
  options?: ReadOptions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const pause = createThrottle(options);
  for (const node of hierarchy.nodes.values()) {
    const attributes = omeMetadataOf(node)?.attributes;
    if (attributes === undefined || !Object.hasOwn(attributes, "multiscales")) continue;
    await pause();
    try {
      const image = readOme(hierarchy, node.path);
      if (image.kind !== "image" && image.kind !== "label-image") continue;
      for (const { array, problems } of image.multiscales.flatMap(({ levels }) => levels)) {
        if (array === undefined) findings.push(...problems);
      }
    } catch (error) {
      if (!isOzxError(error)) throw error;
      findings.push(unreadableImage(node.path, error.message));
    }
  }
  return findings;
}

function unreadableImage(where: AbsolutePath, message: string): Finding {
  return {
    rule: "unreadable-image",
    level: "MUST",
    severity: "error",
    where,
    message: message.endsWith(".") ? message : `${message}.`,
    help: "Correct the metadata.",
  };
}

/**
 * Refuses a hierarchy in which an image lists a level that has no array: its copy would lack pixels that it promises.
 *
 * @param missingLevels from {@link missingLevelFindings}
 * @throws InvalidMetadataError naming the level
 */
export function refuseMissingLevels(
  { location, broken }: Hierarchy,
  missingLevels: readonly Finding[],
): void {
  // A document that is there and cannot be read is told as such.
  const unread = new Set<string>(broken.map(({ path }) => path));
  const missing = missingLevels.filter(({ where }) => !unread.has(where));
  const [first] = missing;
  if (first === undefined) return;
  if (first.rule !== MISSING_ARRAY.id) {
    throw new InvalidMetadataError(
      `${location} has levels that cannot be found: ${first.message.replace(/\.$/, "")}; correct the metadata first, or copy it as it is with --allow-missing`,
      { location, path: first.where },
    );
  }
  const others = missing.length === 1 ? "" : ` (and ${missing.length - 1} more)`;
  throw new InvalidMetadataError(
    `${location} is not complete: ${first.message.replace(/\.$/, "")}${others}; copy what is missing from the original data, or go on without it with --allow-missing`,
    { location, path: first.where },
  );
}

/** Reports that a source cannot be listed, so that files outside its metadata are not copied. */
export function unlistedSourceFinding({ name }: Store): Finding {
  return {
    rule: "unlisted-source",
    level: "policy",
    severity: "info",
    where: "/",
    message: `${name} is on a server that does not list it: only what its metadata names is copied.`,
    help: "To copy all files, download the folder with the server's own tool.",
  };
}

/**
 * Reports entries that not every reader of the container can read; undefined if there are none.
 *
 * @param limit the largest entry that all of them read, in bytes
 */
export function largeEntriesFinding(
  entries: readonly EntryInput[],
  generated: EntryProducer | undefined,
  limit: number | undefined,
): Finding | undefined {
  if (limit === undefined) return undefined;
  const large = entries.filter(({ size }) => size > limit);
  const largest = large.reduce<EntryInput | undefined>((a, b) => (a && a.size >= b.size ? a : b), undefined);
  const generatedSize = generated?.largest ?? 0;
  if (largest === undefined && generatedSize <= limit) return undefined;
  const what =
    largest === undefined
      ? `Entries of about ${formatBytes(generatedSize)} are generated`
      : `${plural(large.length, "entry is", "entries are")} larger than 4 GiB, such as ${largest.key.slice(1)} with ${formatBytes(largest.size)}`;
  return {
    rule: "large-entry",
    level: "policy",
    severity: "warning",
    where: largest?.key ?? "/",
    message: `${what}: tensorstore (0.1.86) does not see entries of more than 4 GiB in a zip, and reads the fill value instead.`,
    help: "If tensorstore has to read them, make the shards smaller with --shard.",
  };
}

/**
 * What happens to the chunks of an array: made of those of the input (`recut`), encoded with other codecs (`encoded`), moved
 * from zlib to gzip without recompression (`rewrapped`), into other shards (`regrouped`) or out of shards (`unsharded`).
 */
type RewriteKind = "recut" | "encoded" | "rewrapped" | "regrouped" | "unsharded";

/** An array whose chunks are not copied as they are, for reports. */
export interface Rewritten {
  readonly path: AbsolutePath;
  readonly kind: RewriteKind;
  /** The new compression as the command line spells it (`zstd:5`, `none`); empty if it does not change. */
  readonly codec: string;
  /** The number of chunks (or shards) that are read. */
  readonly objects: number;
  /** Their stored size in bytes. */
  readonly bytes: number;
  /** For `unsharded`: the largest number of entries that the chunks can become. */
  readonly chunks?: number | undefined;
  /**
   * Whether the target's Zarr format requires it: v3 lacks the filters or the compressor, or v2 lacks shards. False if
   * an option asked for it.
   */
  readonly isRequired: boolean;
}

/** Describes rewrites for reports. */
export function summarizeRewrites(rewrites: readonly ArrayRewrite[]): Rewritten[] {
  return rewrites.map((rewrite) => {
    const { path, task, stored, isRequired } = rewrite;
    return {
      path,
      kind: kindOf(rewrite),
      codec: task?.kind === "recode" ? formatCodecs(task.to) : "",
      objects: stored.length,
      bytes: stored.reduce((sum, { size }) => sum + size, 0),
      chunks: leavesShards(rewrite) ? countChunks(rewrite) : undefined,
      isRequired,
    };
  });
}

function kindOf(rewrite: ArrayRewrite): RewriteKind {
  if (rewrite.generated !== undefined) return "recut";
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
  if (name === "blosc") return [name, cname, clevel, shuffle].join(":");
  return level === undefined ? name : `${name}:${level}`;
}

/** Reports the rewrites that the target's Zarr format requires: one finding for all arrays that are treated alike. */
export function rewrittenFindings(rewritten: readonly Rewritten[]): Finding[] {
  const groups = new Map<string, Rewritten[]>();
  for (const one of rewritten.filter((array) => array.isRequired)) {
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
      message: `OME-Zarr 0.4 has no shards: each chunk of ${arrays} becomes a separate entry.`,
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
        ? `Zarr v3 has no zlib codec: the chunks of ${arrays} become gzip without being recompressed.`
        : `Zarr v3 lacks the filters or the compressor of ${arrays}: the chunks are re-encoded with ${codec}.`,
    help: "The pixels stay the same; nothing needs to be done.",
  };
}
