import { isOzxError } from "../../errors.js";
import {
  noLength,
  noRanges,
  requestLength,
  requestSize,
  requestStart,
  requestTail,
  type Segment,
} from "./ranges.js";
import type { RequestOptions } from "./request.js";
import type { FileGuard } from "./same-file.js";

export interface FoundSize {
  readonly size: number;
  /** What came along. */
  readonly kept: Segment | undefined;
}

/** How much of the end comes with the first request: where the end records of a zip are looked for, and more. */
const TAIL = 128 * 1024;
/** How much of the start comes along where HEAD is refused: in an archive, metadata. */
const START = 64 * 1024;

/** Finds out how long a file on a server is, and that the server has ranges where that can be known yet. */
export async function findSize(
  url: string,
  guard: FileGuard,
  settings: RequestOptions,
  sizeBy: "suffix" | "head",
): Promise<FoundSize> {
  const tail = sizeBy === "suffix" ? await requestTail(url, TAIL, guard, settings) : undefined;
  if (tail !== undefined) return { size: tail.size, kept: tail };
  return sizeByPlainRequests(url, guard, settings);
}

/**
 * By requests that need no preflight. Presigned addresses are good for GET alone, some servers know no HEAD, and
 * some let other sites GET alone, which a page sees as a connection that fails.
 */
async function sizeByPlainRequests(
  url: string,
  guard: FileGuard,
  settings: RequestOptions,
): Promise<FoundSize> {
  const size = await requestSize(url, guard, settings, true).catch((error: unknown) => {
    if (isOzxError(error, "Network")) return undefined;
    throw error;
  });
  if (size !== undefined) return { size, kept: undefined };
  const start = await requestStart(url, START, guard, settings);
  if (start === undefined) throw noRanges(settings.name);
  if (start !== "hidden") return { size: start.size, kept: start };
  const length = await requestLength(url, guard, settings);
  if (length === undefined) throw noLength(settings.name);
  return { size: length, kept: undefined };
}
