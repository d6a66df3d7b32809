import type { Finding } from "../findings/finding.js";
import type { AbsolutePath } from "../store/store.js";
import { plural } from "../words/units.js";
import type { Codec } from "../zarr/codec/chain.js";
import type { ArrayRewrite } from "./array-rewrite.js";

/** What happens to the chunks of an array. */
export type RewriteKind = "encoded" | "rewrapped" | "regrouped";

/** What happens to the chunks of an array that is not copied as it is. */
export interface Rewritten {
  readonly path: AbsolutePath;
  readonly kind: RewriteKind;
  /** The new codecs of bytes, as people ask for them: `zstd:5`, `none`; empty where they stay. */
  readonly codec: string;
  /** How many chunks, or shards, are read, and their bytes. */
  readonly objects: number;
  readonly bytes: number;
  /** Whether the filters or the compressor had to be undone because Zarr v3 has none like them. */
  readonly forced: boolean;
}

export function summarizeRewrites(rewrites: readonly ArrayRewrite[]): Rewritten[] {
  return rewrites.map(({ path, task, stored, forced }) => ({
    path,
    kind: task === undefined ? "regrouped" : task.kind === "rewrap" ? "rewrapped" : "encoded",
    codec: task?.kind === "recode" ? spellCodecs(task.to) : "",
    objects: stored.length,
    bytes: stored.reduce((sum, { size }) => sum + size, 0),
    forced,
  }));
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
    const id = `${one.kind} ${one.codec}`;
    groups.set(id, [...(groups.get(id) ?? []), one]);
  }
  return [...groups.values()].map(upgradedFinding);
}

function upgradedFinding(alike: readonly Rewritten[]): Finding {
  const { path, kind, codec } = alike[0] as Rewritten;
  const arrays =
    alike.length === 1 ? path.slice(1) : `${plural(alike.length, "array")} (the first is ${path.slice(1)})`;
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
