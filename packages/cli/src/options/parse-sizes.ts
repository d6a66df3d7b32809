import { UsageError } from "@ozx/core";

/**
 * Parses sizes in pixels by axis, as in `z=8,y=2048,x=2048`.
 *
 * @param complaint of the error, where the text is anything else
 */
export function parseSizes(text: string, complaint: string): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const part of text.split(",")) {
    const match = /^\s*([^=\s]+)\s*=\s*([1-9]\d{0,14})\s*$/.exec(part);
    if (match?.[1] === undefined || Object.hasOwn(sizes, match[1])) throw new UsageError(complaint);
    sizes[match[1]] = Number(match[2]);
  }
  return sizes;
}
