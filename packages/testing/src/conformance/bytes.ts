import type { AbsolutePath } from "@ozx/core";
import { expect } from "vitest";
import type { Fixture } from "./hierarchy.js";

/** Fails unless the bytes are the same, without printing megabytes. */
export function expectBytes(
  actual: Uint8Array | undefined,
  expected: Uint8Array,
  what: string,
): asserts actual is Uint8Array {
  expect(actual, `${what} is there`).toBeInstanceOf(Uint8Array);
  if (actual === undefined) return;
  expect(actual.length, `length of ${what}`).toBe(expected.length);
  const difference = expected.findIndex((byte, i) => byte !== actual[i]);
  expect(difference, `first wrong byte of ${what}`).toBe(-1);
}

/** The value that the store was given for a key. */
export function heldValue({ entries }: Fixture, key: AbsolutePath): Uint8Array {
  const value = entries.get(key);
  if (value === undefined) throw new Error(`the hierarchy of the conformance suite has no ${key}`);
  return value;
}

/** Reads a stream to its end. Pieces are joined only then, which shows a buffer that is used twice. */
export async function drain(stream: ReadableStream<Uint8Array> | undefined): Promise<Uint8Array | undefined> {
  if (stream === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}
