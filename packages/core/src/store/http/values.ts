import { parseContentRange } from "../../bytes/http/content-range.js";
import { isEncoded, lying, needsPreflight, noRanges, readExactly } from "../../bytes/http/ranges.js";
import { BrokenBody, type RequestKind, type RequestOptions, request } from "../../bytes/http/request.js";
import type { FileGuard } from "../../bytes/http/same-file.js";
import { NetworkError, UnreadableError } from "../../errors.js";
import { resolveRange } from "../range.js";
import type { RangeQuery } from "../store.js";

/** A value that has an address of its own. */
export interface ValueRequest {
  readonly address: string;
  readonly guard: FileGuard;
  readonly options: RequestOptions;
}

/** What a server answers that is no value: what it says does not exist, and what it says may not be read. */
export const FORBIDDEN = Symbol("forbidden");
export type Answer<T> = T | undefined | typeof FORBIDDEN;

/** The whole value. */
export function readWhole(value: ValueRequest): Promise<Answer<Uint8Array>> {
  return ask(value, {}, (response) => wholeBody(response, value));
}

/** Its length, by HEAD where the server says it so, otherwise by reading it. */
export async function readSize(value: ValueRequest): Promise<Answer<number>> {
  const size = await ask(value, { method: "HEAD" }, async (response) => {
    const length = lengthOf(response);
    if (response.status !== 200 || length === undefined) return UNKNOWN;
    checkValue(response, value, length);
    return length;
  });
  if (size !== UNKNOWN) return size;
  const whole = await readWhole(value);
  return whole instanceof Uint8Array ? whole.length : whole;
}

/** A part of the value, cut to what there is of it. */
export async function readRange(value: ValueRequest, range: RangeQuery): Promise<Answer<Uint8Array>> {
  const isSuffix = "suffixLength" in range;
  if ((isSuffix ? range.suffixLength : range.length) === 0 || (isSuffix && needsPreflight())) {
    const size = await readSize(value);
    if (typeof size !== "number") return size;
    const { offset, length } = resolveRange(range, size);
    return length === 0 ? new Uint8Array(0) : readRange(value, { offset, length });
  }
  const wanted = isSuffix ? `-${range.suffixLength}` : `${range.offset}-${range.offset + range.length - 1}`;
  return ask(value, { range: `bytes=${wanted}` }, async (response) => {
    const { name } = value.options;
    if (response.status === 416) {
      await response.body?.cancel();
      return new Uint8Array(0);
    }
    if (response.status === 200) {
      // What is shorter than the range may come whole, and what is small can be cut here.
      if ((lengthOf(response) ?? Number.POSITIVE_INFINITY) > SMALL) {
        await response.body?.cancel();
        throw noRanges(name);
      }
      const whole = await wholeBody(response, value);
      const { offset, length } = resolveRange(range, whole.length);
      return whole.slice(offset, offset + length);
    }
    const part = parseContentRange(response.headers.get("content-range"));
    const length = part === undefined ? undefined : part.last - part.first + 1;
    if (part !== undefined && !answers(part, range)) {
      await response.body?.cancel();
      throw lying(name, `bytes ${part.first} to ${part.last} when asked for ${wanted}`);
    }
    checkValue(response, value, part?.total);
    // A browser may hide which part it is; then nothing but the length can be held against what was asked for.
    const expected = length ?? (isSuffix ? range.suffixLength : range.length);
    return readExactly(response, name, expected);
  });
}

/** The value as it comes. It cannot be asked for again when the connection breaks: that is an error. */
export function readStream(value: ValueRequest): Promise<Answer<ReadableStream<Uint8Array>>> {
  return ask(value, {}, async (response) => {
    const { name } = value.options;
    const length = lengthOf(response);
    checkValue(response, value, length);
    const reader = response.body?.getReader();
    let done = 0;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const next = await reader?.read().catch((error: unknown) => {
          value.options.signal?.throwIfAborted();
          throw interrupted(name, error);
        });
        if (next !== undefined && !next.done) {
          done += next.value.length;
          return controller.enqueue(next.value);
        }
        if (length !== undefined && done !== length) throw interrupted(name);
        controller.close();
      },
      cancel: (reason) => reader?.cancel(reason),
    });
  });
}

const UNKNOWN = Symbol("unknown");
const MISSING: readonly number[] = [404, 410];
/** A server without ranges is good enough for values up to this size, which are read whole. */
const SMALL = 8 * 1024 * 1024;

function ask<T>(
  { address, options }: ValueRequest,
  init: RequestKind,
  read: (response: Response) => Promise<T>,
): Promise<T | undefined | typeof FORBIDDEN> {
  return request(address, { ...init, passes: [403, ...MISSING] }, options, async (response) => {
    const { status } = response;
    if (status !== 403 && !MISSING.includes(status)) return read(response);
    await response.body?.cancel();
    return status === 403 ? FORBIDDEN : undefined;
  });
}

/** Nothing of what is asked for here is a web page: one is a server's way to say something else. */
function checkValue(response: Response, { guard, options }: ValueRequest, total: number | undefined): void {
  if (response.headers.get("content-type")?.startsWith("text/html")) throw lying(options.name, "a web page");
  if (response.status !== 200 && response.status !== 206) {
    const message = `${options.name} cannot be read: the server answers ${response.status}`;
    throw new UnreadableError(message, { location: options.name });
  }
  // Compressed on the way it has another length, and an ETag of its own.
  if (!isEncoded(response)) guard.check(response, total);
}

async function wholeBody(response: Response, value: ValueRequest): Promise<Uint8Array> {
  const length = lengthOf(response);
  try {
    if (response.status === 206) throw lying(value.options.name, "a part when asked for the whole");
    checkValue(response, value, length);
  } catch (error) {
    await response.body?.cancel();
    throw error;
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (length !== undefined && bytes.length !== length) {
    throw new BrokenBody(`the connection ended after ${bytes.length} of ${length} bytes`);
  }
  return bytes;
}

function lengthOf(response: Response): number | undefined {
  const header = response.headers.get("content-length");
  if (header === null || !/^\d+$/.test(header) || isEncoded(response)) return undefined;
  return Number(header);
}

/** Whether a part is the one that was asked for, or as much of it as there is. */
function answers(
  { first, last, total }: { first: number; last: number; total: number | undefined },
  range: RangeQuery,
): boolean {
  if ("suffixLength" in range) {
    return total !== undefined && last === total - 1 && first === Math.max(0, total - range.suffixLength);
  }
  const end = range.offset + range.length - 1;
  return first === range.offset && (last === end || (last < end && last + 1 === total));
}

function interrupted(name: string, cause?: unknown): NetworkError {
  return new NetworkError(
    `${name} could not be read to its end: the connection broke; try again`,
    { location: name },
    { cause },
  );
}
