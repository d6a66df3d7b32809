import { concatenate } from "../../bytes/concatenate.js";
import { type Answer, piecesOf } from "../../bytes/http/answer.js";
import { parseContentRange } from "../../bytes/http/content-range.js";
import { Silence } from "../../bytes/http/patience.js";
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
export type Answered<T> = T | undefined | typeof FORBIDDEN;

/** The whole value. */
export function readWhole(value: ValueRequest): Promise<Answered<Uint8Array>> {
  return ask(value, {}, (answer) => wholeBody(answer, value));
}

/** Its length, by HEAD where the server says it so, otherwise by reading it. */
export async function readSize(value: ValueRequest): Promise<Answered<number>> {
  const size = await ask(value, { method: "HEAD" }, async (answer) => {
    const length = lengthOf(answer);
    if (answer.status !== 200 || length === undefined) return UNKNOWN;
    checkValue(answer, value, length);
    return length;
  });
  if (size !== UNKNOWN) return size;
  const whole = await readWhole(value);
  return whole instanceof Uint8Array ? whole.length : whole;
}

/** A part of the value, cut to what there is of it. */
export async function readRange(value: ValueRequest, range: RangeQuery): Promise<Answered<Uint8Array>> {
  const isSuffix = "suffixLength" in range;
  if ((isSuffix ? range.suffixLength : range.length) === 0 || (isSuffix && needsPreflight())) {
    const size = await readSize(value);
    if (typeof size !== "number") return size;
    const { offset, length } = resolveRange(range, size);
    return length === 0 ? new Uint8Array(0) : readRange(value, { offset, length });
  }
  const wanted = isSuffix ? `-${range.suffixLength}` : `${range.offset}-${range.offset + range.length - 1}`;
  return ask(value, { range: `bytes=${wanted}` }, async (answer) => {
    const { name } = value.options;
    if (answer.status === 416) return new Uint8Array(0);
    if (answer.status === 200) {
      // What is shorter than the range may come whole, and what is small can be cut here.
      if ((lengthOf(answer) ?? Number.POSITIVE_INFINITY) > SMALL) throw noRanges(name);
      const whole = await wholeBody(answer, value);
      const { offset, length } = resolveRange(range, whole.length);
      return whole.slice(offset, offset + length);
    }
    const part = parseContentRange(answer.headers.get("content-range"));
    const length = part === undefined ? undefined : part.last - part.first + 1;
    if (part !== undefined && !answers(part, range)) {
      throw lying(name, `bytes ${part.first} to ${part.last} when asked for ${wanted}`);
    }
    checkValue(answer, value, part?.total);
    // A browser may hide which part it is; then nothing but the length can be held against what was asked for.
    const expected = length ?? (isSuffix ? range.suffixLength : range.length);
    return readExactly(answer, name, expected);
  });
}

/** The value as it comes. It cannot be asked for again when the connection breaks: that is an error. */
export function readStream(value: ValueRequest): Promise<Answered<ReadableStream<Uint8Array>>> {
  return ask(value, {}, async (answer) => {
    const { name } = value.options;
    const length = lengthOf(answer);
    checkValue(answer, value, length);
    let done = 0;
    answer.keep();
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const piece = await answer.next().catch((error: unknown) => {
          value.options.signal?.throwIfAborted();
          throw interrupted(name, error);
        });
        if (piece !== undefined) {
          done += piece.length;
          return controller.enqueue(piece);
        }
        if (length !== undefined && done !== length) throw interrupted(name);
        controller.close();
      },
      cancel: () => answer.leave(),
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
  read: (answer: Answer) => Promise<T>,
): Promise<T | undefined | typeof FORBIDDEN> {
  return request(address, { ...init, passes: [403, ...MISSING] }, options, async (answer) => {
    const { status } = answer;
    if (status !== 403 && !MISSING.includes(status)) return read(answer);
    return status === 403 ? FORBIDDEN : undefined;
  });
}

function checkValue(answer: Answer, { guard, options }: ValueRequest, total: number | undefined): void {
  if (answer.status !== 200 && answer.status !== 206) {
    const message = `${options.name} cannot be read: the server answers ${answer.status}`;
    throw new UnreadableError(message, { location: options.name, status: answer.status });
  }
  // Compressed on the way it has another length, and an ETag of its own.
  if (!isEncoded(answer)) guard.check(answer, total);
}

async function wholeBody(answer: Answer, value: ValueRequest): Promise<Uint8Array> {
  const length = lengthOf(answer);
  if (answer.status === 206) throw lying(value.options.name, "a part when asked for the whole");
  checkValue(answer, value, length);
  const pieces: Uint8Array[] = [];
  for await (const piece of piecesOf(answer)) pieces.push(piece);
  const bytes = concatenate(pieces);
  if (length !== undefined && bytes.length !== length) {
    throw new BrokenBody(`the connection ended after ${bytes.length} of ${length} bytes`);
  }
  return bytes;
}

function lengthOf(answer: Answer): number | undefined {
  const header = answer.headers.get("content-length");
  if (header === null || !/^\d+$/.test(header) || isEncoded(answer)) return undefined;
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
  const why = cause instanceof Silence ? `its server ${cause.message}` : "the connection broke";
  return new NetworkError(
    `${name} could not be read to its end: ${why}; try again`,
    { location: name },
    { cause },
  );
}
