import { type ShardRequest, UsageError } from "@ozx/core";

/** Reads the value of `--shard`: `auto`, `none`, or sizes in pixels by axis as in `z=8,y=2048,x=2048`. */
export function parseShardOption(text: string): ShardRequest {
  if (text === "auto" || text === "none") return text;
  const sizes: Record<string, number> = {};
  for (const part of text.split(",")) {
    const match = /^\s*([^=\s]+)\s*=\s*([1-9]\d*)\s*$/.exec(part);
    if (match?.[1] === undefined) {
      throw new UsageError(
        `--shard ${JSON.stringify(text)} is not understood: give auto, none, or sizes in pixels as in z=8,y=2048,x=2048`,
      );
    }
    sizes[match[1]] = Number(match[2]);
  }
  return sizes;
}
