import type { ArrayDescription } from "./node.js";

/**
 * The position of the chunk (or shard) that a key below an array belongs to, or undefined when the key is no
 * chunk key of that array. `key` is relative to the array: `c/0/1`, `0.1`.
 */
export function parseChunkKey(
  key: string,
  { chunkKey, shape }: Pick<ArrayDescription, "chunkKey" | "shape">,
): number[] | undefined {
  const { prefix, separator } = chunkKey;
  if (shape.length === 0) return key === (prefix === "c" ? "c" : "0") ? [] : undefined;
  let rest = key;
  if (prefix === "c") {
    if (!rest.startsWith(`c${separator}`)) return undefined;
    rest = rest.slice(2);
  }
  const parts = rest.split(separator);
  if (parts.length !== shape.length || !parts.every((part) => INDEX.test(part))) return undefined;
  return parts.map(Number);
}

/** The key, relative to its array, of the chunk (or shard) at a position. */
export function formatChunkKey(position: readonly number[], chunkKey: ArrayDescription["chunkKey"]): string {
  const { prefix, separator } = chunkKey;
  if (position.length === 0) return prefix === "c" ? "c" : "0";
  const indices = position.join(separator);
  return prefix === "c" ? `c${separator}${indices}` : indices;
}

const INDEX = /^(?:0|[1-9]\d{0,14})$/;
