import type { TailFile } from "../../src/index.js";
import { END_RECORDS_SIZE } from "../../src/records/end-records.js";

/** What was done to a file between two syncs. */
type Operation = { readonly position: number; readonly bytes: Uint8Array } | { readonly size: number };

/** A file in memory that remembers everything that was done to it. */
export interface SimulatedFile extends TailFile {
  /** The file as it is now. */
  bytes(): Uint8Array;
  /** What was done, in groups: what is in one group may reach the disk in any order, or not. */
  groups(): readonly (readonly Operation[])[];
}

export function simulatedFile(original: Uint8Array): SimulatedFile {
  const groups: Operation[][] = [[]];
  let now: Uint8Array = original.slice();
  const note = (operation: Operation): void => {
    groups.at(-1)?.push(operation);
    now = applied(now, operation);
  };
  return {
    async write(position, bytes) {
      note({ position, bytes: bytes.slice() });
    },
    async sync() {
      groups.push([]);
    },
    async truncate(size) {
      note({ size });
    },
    bytes: () => now,
    groups: () => groups,
  };
}

/** The bytes of a file after one thing more was done to it. */
export function applied(bytes: Uint8Array, operation: Operation): Uint8Array {
  if ("size" in operation) return bytes.slice(0, operation.size);
  const end = operation.position + operation.bytes.length;
  const grown = new Uint8Array(Math.max(bytes.length, end));
  grown.set(bytes);
  grown.set(operation.bytes, operation.position);
  return grown;
}

const SECTOR = 512;

/**
 * The file as a crash may leave it, at every moment: the groups before it are whole, and of its own group each write
 * has arrived whole, not at all, or in part, the latter only where it takes more than one sector.
 */
export function* crashes(
  original: Uint8Array,
  groups: readonly (readonly Operation[])[],
): Generator<Uint8Array> {
  let before = original;
  for (const group of groups) {
    for (let bits = 0; bits < 2 ** Math.min(group.length, 6); bits++) {
      let state = before;
      for (const [i, operation] of group.entries())
        if ((bits & (1 << i)) !== 0) state = applied(state, operation);
      yield state;
    }
    for (const operation of group) {
      if ("size" in operation || isOneSector(operation)) continue;
      const { position, bytes } = operation;
      // Only a power cut can leave part of what makes a file grow; see `tornGrowths`.
      if (position + bytes.length > before.length) continue;
      for (const part of cuts(bytes.length)) {
        yield applied(before, { position, bytes: bytes.subarray(0, part) });
        yield applied(before, { position: position + part, bytes: bytes.subarray(part) });
      }
    }
    before = group.reduce(applied, before);
  }
  yield before;
}

/**
 * The file as a power cut may leave it while a write makes it grow: with the first bytes of that write. Its end records are in
 * one sector, so they are there or not.
 */
export function* tornGrowths(
  original: Uint8Array,
  groups: readonly (readonly Operation[])[],
): Generator<Uint8Array> {
  let before = original;
  for (const operation of groups.flat()) {
    if ("bytes" in operation && operation.position + operation.bytes.length > before.length) {
      const { position, bytes } = operation;
      for (const part of cuts(bytes.length - END_RECORDS_SIZE))
        yield applied(before, { position, bytes: bytes.subarray(0, part) });
    }
    before = applied(before, operation);
  }
}

/** The file after each single operation, as a killed process leaves it. */
export function* kills(
  original: Uint8Array,
  groups: readonly (readonly Operation[])[],
): Generator<Uint8Array> {
  let state = original;
  for (const operation of groups.flat()) {
    state = applied(state, operation);
    yield state;
  }
}

function isOneSector({ position, bytes }: { position: number; bytes: Uint8Array }): boolean {
  return Math.floor(position / SECTOR) === Math.floor((position + bytes.length - 1) / SECTOR);
}

function cuts(length: number): number[] {
  const step = Math.max(1, Math.floor(length / 40));
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => i * step).slice(1);
}
