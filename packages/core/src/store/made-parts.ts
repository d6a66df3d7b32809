import type { EarlierEntries, MadeOrigin } from "./target.js";

/** Several that make entries one after the other. */
type Part = Pick<MadeOrigin, "owns">;

/**
 * The parts that are not made yet, and what of the first of them an earlier run has made. Those before the part
 * that the last earlier entry is of are done.
 *
 * @throws RangeError when it is of none
 */
export function* partsLeft<P extends Part>(
  parts: readonly P[],
  earlier: EarlierEntries | undefined,
): Generator<readonly [part: P, earlier: EarlierEntries | undefined]> {
  const first = earlier === undefined ? 0 : parts.findIndex((part) => part.owns(earlier.last));
  if (first < 0) throw new RangeError(`${earlier?.last} is none of the entries that are made here`);
  for (const part of parts.slice(first)) yield [part, part === parts[first] ? earlier : undefined];
}
