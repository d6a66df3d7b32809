import type { AbsolutePath, Store, StoreEntry } from "@ozx/core";
import { createThrottle, isListed, readAhead } from "@ozx/core/container";
import { formatChunkKey, joinKey } from "@ozx/core/internal";
import type { VirtualArray } from "../hierarchy/virtual-array.js";
import { type ChunkPlace, placeOf } from "./chunk-place.js";
import type { ChunkReader } from "./chunk-reader.js";

/** How many planes are looked up at once: on a server each may take a request. */
export const LOOKUPS_AT_ONCE = 32;

/** An array of the store, with the reader of its chunks. */
export interface OpenArray {
  readonly path: AbsolutePath;
  readonly plan: VirtualArray;
  readonly chunks: ChunkReader;
}

type ListOptions = NonNullable<Parameters<Store["list"]>[0]>;

/** How the keys of chunks are made. */
export const CHUNK_KEY = { prefix: "c", separator: "/" } as const;

/** Chunks that wait for them. */
const MOST_WAITING = 4096;

/** A chunk that may be listed. */
interface Candidate {
  readonly key: AbsolutePath;
  readonly place: ChunkPlace;
}

/** The chunks of an array that were written, in the order of its grid. */
export async function* listChunks(array: OpenArray, options?: ListOptions): AsyncGenerator<StoreEntry> {
  const { path, plan, chunks } = array;
  const pause = createThrottle(options);
  let waiting: Candidate[] = [];
  /** The first chunk of each plane of which nothing is known. When its place is read, those of the others are known. */
  let lookups: ChunkPlace[] = [];
  for (const position of positionsOf(plan)) {
    const key = joinKey(path, formatChunkKey(position, CHUNK_KEY));
    const place = isListed(key, options) ? placeOf(plan, position) : undefined;
    if (place === undefined) continue;
    const known = waiting.length === 0 ? chunks.known(place) : "unknown";
    if (known !== "unknown") {
      if (known !== undefined) yield { key, size: sizeOf(known, plan) };
    } else {
      waiting.push({ key, place });
      if (lookups.at(-1)?.plane !== place.plane) lookups.push(place);
    }
    const rest = pause();
    if (rest !== undefined) await rest;
    if (lookups.length < LOOKUPS_AT_ONCE && waiting.length < MOST_WAITING) continue;
    yield* lookUp(array, waiting, lookups, options);
    [waiting, lookups] = [[], []];
  }
  yield* lookUp(array, waiting, lookups, options);
}

async function* lookUp(
  { plan, chunks }: OpenArray,
  waiting: readonly Candidate[],
  lookups: readonly ChunkPlace[],
  options?: ListOptions,
): AsyncGenerator<StoreEntry> {
  for await (const _ of readAhead(lookups, LOOKUPS_AT_ONCE, (place) => chunks.locate(place, options)));
  for (const { key, place } of waiting) {
    const known = chunks.known(place);
    const located = known === "unknown" ? await chunks.locate(place, options) : known;
    if (located !== undefined) yield { key, size: sizeOf(located, plan) };
  }
}

function sizeOf(
  located: "decoded" | { readonly size: number },
  { chunkBytes, encoder }: VirtualArray,
): number {
  return located === "decoded" ? (encoder?.bytes ?? chunkBytes) : located.size;
}

/** All positions in the grid of an array, the last axis fastest. */
function* positionsOf({ shape, chunkShape }: VirtualArray): Generator<readonly number[]> {
  const counts = shape.map((size, axis) => Math.ceil(size / (chunkShape[axis] as number)));
  const position = counts.map(() => 0);
  for (;;) {
    yield [...position];
    let axis = counts.length - 1;
    while (axis >= 0 && ++(position[axis] as number) === counts[axis]) position[axis--] = 0;
    if (axis < 0) return;
  }
}
