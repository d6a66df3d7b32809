import { BY_DATA_STRICTLY, BY_TAIL } from "./repairable-rules.js";

/**
 * What satisfies a rule about archives that is not kept: `fix` rewrites the end of the file, `convert` writes a new one,
 * `shard` writes a new one in which chunks are in shards.
 */
export type Remedy = "fix" | "convert" | "shard";

/** The remedy for findings of a rule; undefined where only whoever wrote the content can correct it. */
export function remedyFor(rule: string): Remedy | undefined {
  if (SHARDED.has(rule)) return "shard";
  if (BY_DATA_STRICTLY.has(rule)) return "convert";
  return BY_TAIL.has(rule) ? "fix" : undefined;
}

/** Rules that are about the number of entries. */
const SHARDED: ReadonlySet<string> = new Set(["sharding", "cd-size"]);
