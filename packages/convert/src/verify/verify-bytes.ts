import { type AbsolutePath, CorruptDataError, type ReadOptions, type Store } from "@ozx/core";
import {
  type BlockingStore,
  canReadSync,
  compareKeys,
  createThrottle,
  forEachInSlices,
  readAhead,
  sortInSlices,
  sourceChanged,
} from "@ozx/core/container";
import { streamValue } from "@ozx/core/internal";
import { addSizesOf, sizesOf } from "./listed-by-other.js";
import type { Difference, VerifyOptions } from "./verify-stores.js";

/** Values of both stores that are compared at once. */
const VALUES_AT_ONCE = 8;
/** Values up to this size, in bytes, are read whole where reads block: a stream for each costs a hundred times as much. */
const MOST_WHOLE = 256 * 1024;

/**
 * Compares all values of two stores byte by byte, and yields the differences in the order of their keys: keys that only
 * one store has, and the first byte at which values differ. Metadata is not interpreted, except in a store that cannot be
 * listed: there the values are compared that its metadata names, or that the other store has.
 *
 * @throws CorruptDataError if a value does not match its checksum: damage is an error, not a difference
 */
export async function* verifyBytes(
  left: Store,
  right: Store,
  options: VerifyOptions = {},
): AsyncGenerator<Difference> {
  const { signal, onProgress } = options;
  const [leftSizes, rightSizes] = await Promise.all([sizesOf(left, { signal }), sizesOf(right, { signal })]);
  await addSizesOf(rightSizes, left, leftSizes, { signal });
  await addSizesOf(leftSizes, right, rightSizes, { signal });
  const all = [...leftSizes.keys()];
  for (const key of rightSizes.keys()) if (!leftSizes.has(key)) all.push(key);
  const keys = await sortInSlices(all, compareKeys, { signal });
  let total = 0;
  await forEachInSlices(
    keys,
    (key) => {
      total += Math.min(leftSizes.get(key) ?? 0, rightSizes.get(key) ?? 0);
    },
    { signal },
  );
  const wholes = canReadSync(left) && canReadSync(right) ? wholeValues(left, right) : undefined;
  const pause = createThrottle({ signal });
  let bytes = 0;
  const compare = async (key: AbsolutePath): Promise<Difference | undefined> => {
    const [one, other] = [leftSizes.get(key), rightSizes.get(key)];
    if (one === undefined) return missing(key, right, left);
    if (other === undefined) return missing(key, left, right);
    await pause();
    const isWhole = wholes !== undefined && Math.max(one, other) <= MOST_WHOLE;
    const found = isWhole ? wholes.firstUnequalByte(key, one, other) : "unread";
    const at = found === "unread" ? await firstUnequalByte(left, right, key, { signal }) : found;
    bytes += Math.min(one, other);
    onProgress?.({ bytes, total });
    if (at === undefined) return undefined;
    const sizes = one === other ? "" : ` (${one} bytes and ${other} bytes)`;
    return {
      kind: "bytes",
      path: key,
      message: `${key.slice(1)} differs first at byte ${at}${sizes} between ${left.name} and ${right.name}.`,
    };
  };
  for await (const difference of readAhead(keys, VALUES_AT_ONCE, compare)) {
    signal?.throwIfAborted();
    if (difference !== undefined) yield difference;
  }
}

function missing(key: AbsolutePath, having: Store, lacking: Store): Difference {
  return {
    kind: "missing",
    path: key,
    message: `${key.slice(1)} is in ${having.name} and missing in ${lacking.name}.`,
  };
}

/** Compares values of stores that block, in two buffers that all of them share. */
function wholeValues(left: BlockingStore, right: BlockingStore) {
  // One byte more, which shows when a value has grown since it was listed.
  const [ones, others] = [new Uint8Array(MOST_WHOLE + 1), new Uint8Array(MOST_WHOLE + 1)];
  const read = (
    store: BlockingStore,
    key: AbsolutePath,
    size: number,
    target: Uint8Array,
  ): Uint8Array | undefined => {
    const length = store.readSync(key, target.subarray(0, size + 1));
    if (length !== undefined && length !== size) throw sourceChanged(store, { key });
    return length === undefined ? undefined : target.subarray(0, size);
  };
  return {
    /** Like {@link firstUnequalByte}, for values of these sizes; `unread` where one cannot be read by blocking. */
    firstUnequalByte(key: AbsolutePath, leftSize: number, rightSize: number): number | undefined | "unread" {
      const one = read(left, key, leftSize, ones);
      const other = one && read(right, key, rightSize, others);
      if (one === undefined || other === undefined) return "unread";
      const length = Math.min(leftSize, rightSize);
      const unequal = firstUnequalIn(one, other, length);
      return unequal ?? (leftSize === rightSize ? undefined : length);
    },
  };
}

/**
 * The first byte at which two values differ: the length of the shorter one if the longer one starts with it. Both are
 * always read to the end, because an archive can verify an entry's checksum only there.
 */
async function firstUnequalByte(
  left: Store,
  right: Store,
  key: AbsolutePath,
  options: ReadOptions,
): Promise<number | undefined> {
  const ones = await blocksOf(left, key, options);
  let others: AsyncIterator<Uint8Array> | undefined;
  try {
    others = await blocksOf(right, key, options);
    let [one, other] = [EMPTY, EMPTY];
    for (let at = 0; ; ) {
      if (one.length === 0) one = await next(ones);
      if (other.length === 0) other = await next(others);
      const length = Math.min(one.length, other.length);
      const unequal = firstUnequalIn(one, other, length);
      if (length === 0 || unequal !== undefined) {
        await Promise.all([drain(ones), drain(others)]);
        return one.length === other.length && unequal === undefined ? undefined : at + (unequal ?? 0);
      }
      [one, other] = [one.subarray(length), other.subarray(length)];
      at += length;
    }
  } finally {
    await Promise.all([ones.return?.(), others?.return?.()]);
  }
}

function firstUnequalIn(one: Uint8Array, other: Uint8Array, length: number): number | undefined {
  for (let index = 0; index < length; index++) if (one[index] !== other[index]) return index;
  return undefined;
}

async function drain(blocks: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await next(blocks)).length > 0);
}

async function blocksOf(
  store: Store,
  key: AbsolutePath,
  options: ReadOptions,
): Promise<AsyncIterator<Uint8Array>> {
  const blocks = await streamValue(store, key, options);
  if (blocks !== undefined) return blocks[Symbol.asyncIterator]();
  throw new CorruptDataError(`${key.slice(1)} is listed in ${store.name} but cannot be read`, {
    location: store.name,
    path: key,
  });
}

/** The next block that is not empty; an empty block at the end. */
async function next(blocks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  for (;;) {
    const { done, value } = await blocks.next();
    if (done) return EMPTY;
    if (value.length > 0) return value;
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);
