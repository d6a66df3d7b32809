import {
  invalidRangeResponse,
  isEncoded,
  needsPreflight,
  type RemoteFile,
  rangesNotSupported,
  readExactly,
} from "../../bytes/http/range-requests.js";
import { BrokenBody, type RequestKind, request } from "../../bytes/http/request.js";
import { type HttpResponse, parseContentRange, piecesOf, TimeoutError } from "../../bytes/http/response.js";
import { concatBytes } from "../../bytes/source-and-sink.js";
import { NetworkError, UnreadableError } from "../../errors.js";
import type { RangeQuery } from "../store.js";
import { resolveRange } from "../store-keys.js";
import { TooLongValue } from "../value-limit.js";

/** A server answers 403. */
export const FORBIDDEN = Symbol("forbidden");
/** A value; undefined where the server answers that it does not exist. */
export type ValueResponse<T> = T | undefined | typeof FORBIDDEN;

/**
 * The whole value. A longer one is not read where the server says how long it is, and otherwise no further than `atMost`.
 *
 * @throws TooLongValue
 */
export function readWhole(value: RemoteFile, atMost: number): Promise<ValueResponse<Uint8Array>> {
  return ask(value, {}, (answer) => wholeBody(answer, value, atMost));
}

/**
 * The length of a value, by HEAD where the server tells, otherwise by receiving the value, which is not kept.
 *
 * @throws TooLongValue where that is longer than `atMost`
 */
export async function readSize(value: RemoteFile, atMost = LARGEST): Promise<ValueResponse<number>> {
  const size = await ask(value, { method: "HEAD" }, async (answer) => {
    const length = lengthOf(answer);
    if (answer.status !== 200 || length === undefined) return UNKNOWN;
    checkValue(answer, value, length);
    return length;
  });
  if (size !== UNKNOWN) return size;
  return ask(value, {}, async (answer) => {
    let length = 0;
    for await (const piece of bodyOf(answer, value, atMost)) length += piece.length;
    return length;
  });
}

/** A part of the value, cut to the bytes that exist. */
export async function readRange(value: RemoteFile, range: RangeQuery): Promise<ValueResponse<Uint8Array>> {
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
      // A value that is shorter than the range may arrive as a whole, and a small one can be cut here.
      if ((lengthOf(answer) ?? Number.POSITIVE_INFINITY) > SMALL) throw rangesNotSupported(name);
      const whole = await wholeBody(answer, value, SMALL);
      const { offset, length } = resolveRange(range, whole.length);
      return whole.slice(offset, offset + length);
    }
    const part = parseContentRange(answer.headers.get("content-range"));
    const length = part === undefined ? undefined : part.last - part.first + 1;
    if (part !== undefined && !isRequestedPart(part, range)) {
      throw invalidRangeResponse(name, `bytes ${part.first} to ${part.last} when asked for ${wanted}`);
    }
    checkValue(answer, value, part?.total);
    // A browser may hide the Content-Range; then only the length can be checked.
    const expected = length ?? (isSuffix ? range.suffixLength : range.length);
    return readExactly(answer, name, expected);
  });
}

/** The value as a stream. When the connection breaks the stream fails, since it cannot be requested again. */
export function readStream(value: RemoteFile): Promise<ValueResponse<ReadableStream<Uint8Array>>> {
  return ask(value, {}, async (answer) => {
    const { name } = value.options;
    const length = lengthOf(answer);
    checkValue(answer, value, length);
    let done = 0;
    answer.keepOpen();
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
      cancel: () => answer.cancel(),
    });
  });
}

/** The most bytes of a value of which nobody says how long it may be: no chunk is longer. */
export const LARGEST = 2 ** 31;
const UNKNOWN = Symbol("unknown");
const MISSING: readonly number[] = [404, 410];
/** Values up to this size are read whole where the server has no ranges. */
const SMALL = 8 * 1024 * 1024;

function ask<T>(
  { address, options }: RemoteFile,
  init: RequestKind,
  read: (answer: HttpResponse) => Promise<T>,
): Promise<ValueResponse<T>> {
  return request(address, { ...init, passes: [403, ...MISSING] }, options, async (answer) => {
    const { status } = answer;
    if (status !== 403 && !MISSING.includes(status)) return read(answer);
    return status === 403 ? FORBIDDEN : undefined;
  });
}

function checkValue(answer: HttpResponse, { guard, options }: RemoteFile, total: number | undefined): void {
  if (answer.status !== 200 && answer.status !== 206) {
    const message = `${options.name} cannot be read: the server answers ${answer.status}`;
    throw new UnreadableError(message, { location: options.name, status: answer.status });
  }
  // A body that is compressed for the transfer has another length and ETag.
  if (!isEncoded(answer)) guard.check(answer, total);
}

async function wholeBody(answer: HttpResponse, value: RemoteFile, atMost: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bodyOf(answer, value, atMost)) pieces.push(piece);
  return concatBytes(pieces);
}

/**
 * The body of a whole value, piece by piece.
 *
 * @throws TooLongValue where it is longer than `atMost`
 */
async function* bodyOf(answer: HttpResponse, value: RemoteFile, atMost: number): AsyncGenerator<Uint8Array> {
  const length = lengthOf(answer);
  if (answer.status === 206)
    throw invalidRangeResponse(value.options.name, "a part when asked for the whole");
  checkValue(answer, value, length);
  if (length !== undefined && length > atMost) throw new TooLongValue(length, atMost);
  let received = 0;
  for await (const piece of piecesOf(answer)) {
    received += piece.length;
    if (received > atMost) throw new TooLongValue(undefined, atMost);
    yield piece;
  }
  if (length !== undefined && received !== length) {
    throw new BrokenBody(`the connection ended after ${received} of ${length} bytes`);
  }
}

function lengthOf(answer: HttpResponse): number | undefined {
  const header = answer.headers.get("content-length");
  if (header === null || !/^\d+$/.test(header) || isEncoded(answer)) return undefined;
  return Number(header);
}

/** Whether a part is the requested one, cut to the bytes that exist. */
function isRequestedPart(
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
  const why = cause instanceof TimeoutError ? `its server ${cause.message}` : "the connection broke";
  return new NetworkError(
    `${name} could not be read to its end: ${why}; try again`,
    { location: name },
    { cause },
  );
}
