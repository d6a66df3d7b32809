import type { ReadOptions } from "@ozx/core";
import { type ByteSink, concatBytes } from "@ozx/core/container";
import {
  BucketRefusedError,
  createPartUploader,
  cutIntoParts,
  openBucket,
  SMALLEST_PART,
  type UploadedPart,
  uploadPart,
  writeRefused,
} from "@ozx/core/internal/node";

/** The upload that a part of a job belongs to. */
export interface PartUpload {
  readonly output: string;
  readonly id: string;
  /** The number of the first part that may be sent. */
  readonly number: number;
}

/** What was sent, and what is too small for a part of its own. */
export interface Sent {
  readonly parts: readonly UploadedPart[];
  readonly rest: Uint8Array | undefined;
}

/** Sends what `write` writes from `start` to `end` of the object. */
export async function uploadRange(
  upload: PartUpload,
  { start, end, size }: { readonly start: number; readonly end: number; readonly size: number },
  write: (sink: ByteSink) => Promise<void>,
  options: ReadOptions,
): Promise<Sent> {
  if (end - start < SMALLEST_PART) {
    const rest = new Uint8Array(end - start);
    await write({ ...memory(upload.output), write: async (at, bytes) => rest.set(bytes, at - start) });
    return { parts: [], rest };
  }
  const sizes = cutIntoParts(end - start, size);
  const starts = [start];
  for (const one of sizes) starts.push((starts.at(-1) ?? 0) + one);
  const cut = {
    sizeOf: (index: number) => sizes[index] ?? 0,
    startOf: (index: number) => starts[index] ?? end,
    partAt: (at: number) =>
      Math.max(
        0,
        starts.findLastIndex((one) => one <= at),
      ),
  };
  const send = await sender(upload);
  const parts: UploadedPart[] = [];
  await uploading(upload, cut, end, write, options, async (index, bytes, signal) => {
    parts.push(await send(index, bytes, signal));
  });
  return { parts, rest: undefined };
}

/**
 * Sends what `write` writes from position 0 on, of an unknown size, in parts of `size` bytes. The last one gets what is
 * too small for a part of its own.
 *
 * @param most how many parts may be sent
 */
export async function uploadSegment(
  upload: PartUpload,
  { size, most }: { readonly size: number; readonly most: number },
  write: (sink: ByteSink) => Promise<void>,
  options: ReadOptions,
): Promise<Sent & { readonly bytes: number }> {
  const send = await sender(upload);
  const parts: UploadedPart[] = [];
  // The last whole part waits for what may have to be added to it.
  let held: { readonly index: number; readonly bytes: Uint8Array } | undefined;
  let length = 0;
  const cut = {
    sizeOf: () => size,
    startOf: (index: number) => index * size,
    partAt: (at: number) => Math.floor(at / size),
  };
  let short: Uint8Array | undefined;
  await uploading(
    upload,
    cut,
    () => length,
    (sink) =>
      write({
        ...sink,
        async write(at, bytes, writing) {
          length = Math.max(length, at + bytes.length);
          if (length > size * most) {
            throw new RangeError(
              `${upload.output} has more parts than were planned for a segment: plan it again`,
            );
          }
          await sink.write(at, bytes, writing);
        },
      }),
    options,
    async (index, bytes, signal) => {
      if (bytes.length < size) {
        short = bytes;
        return;
      }
      const earlier = held;
      const [now, later] =
        earlier === undefined || earlier.index < index
          ? [earlier, { index, bytes }]
          : [{ index, bytes }, earlier];
      held = later;
      if (now !== undefined) parts.push(await send(now.index, now.bytes, signal));
    },
  );
  const signal = options.signal ?? new AbortController().signal;
  const isSmall = short !== undefined && short.length < SMALLEST_PART;
  if (isSmall && held === undefined) return { parts, rest: short, bytes: length };
  if (held !== undefined) {
    const whole = isSmall && short !== undefined ? concatBytes([held.bytes, short]) : held.bytes;
    parts.push(await send(held.index, whole, signal));
  }
  if (!isSmall && short !== undefined) parts.push(await send(Math.floor(length / size), short, signal));
  return { parts, rest: undefined, bytes: length };
}

type Send = (index: number, bytes: Uint8Array, signal: AbortSignal) => Promise<UploadedPart>;

async function sender({ output, id, number }: PartUpload): Promise<Send> {
  const { client, key } = await openBucket(output);
  return async (index, bytes, signal) => {
    try {
      return await uploadPart(client, { key, id }, number + index, bytes, { signal });
    } catch (error) {
      throw error instanceof BucketRefusedError ? writeRefused(output, error.refusal) : error;
    }
  };
}

async function uploading(
  { output }: PartUpload,
  cut: Pick<Parameters<typeof createPartUploader>[0], "sizeOf" | "startOf" | "partAt">,
  end: number | (() => number),
  write: (sink: ByteSink) => Promise<void>,
  options: ReadOptions,
  send: (index: number, bytes: Uint8Array, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const uploader = createPartUploader({
    ...cut,
    name: output,
    send: ({ index, bytes }, { signal }) => send(index, bytes, signal),
  });
  try {
    await write({ ...memory(output), write: (at, bytes, writing) => uploader.write(at, bytes, writing) });
    await uploader.finish(typeof end === "number" ? end : end(), options);
  } catch (error) {
    await uploader.stop();
    throw error;
  }
}

/** A sink without a place of its own. */
function memory(name: string): Omit<ByteSink, "write"> {
  return { name, forwardOnly: false, async commit() {}, async discard() {} };
}
