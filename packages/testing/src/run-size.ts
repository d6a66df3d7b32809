import { describe, type TestOptions, test } from "vitest";
import { skipFor } from "./skip.js";

/**
 * Whether all slow tests run. `npm test` runs a fixed sample of them; `OZX_TESTS=full`, which `.ci/run` sets, runs all.
 */
export const isFullRun: boolean = process.env["OZX_TESTS"] === "full";

/** Why a test outside the sample is skipped; undefined in a full run. */
export function outsideSample(): string | undefined {
  return isFullRun ? undefined : "not in the sample: OZX_TESTS=full runs it";
}

/**
 * `test.for` over a table of cases, of which a sample runs. All others are skipped with a reason, except in a full run.
 *
 * @param size number of cases in the sample: the first, the last and evenly spaced ones between them
 */
export function testSample<T>(
  cases: readonly T[],
  size: number,
): (name: string, run: (one: T) => void | Promise<void>, options?: TestOptions) => void {
  const { inside, outside } = split(cases, size);
  return (name, run, options = {}) => {
    test.for(inside)(name, options, (one) => run(one));
    test.for(outside)(name, { ...options, ...skipFor(outsideSample()) }, (one) => run(one));
  };
}

/** Like {@link testSample}, with `describe.for`. */
export function describeSample<T>(
  cases: readonly T[],
  size: number,
): (name: string, run: (one: T) => void, options?: TestOptions) => void {
  const { inside, outside } = split(cases, size);
  return (name, run, options = {}) => {
    describe.for(inside)(name, options, (one) => run(one));
    describe.for(outside)(name, { ...options, ...skipFor(outsideSample()) }, (one) => run(one));
  };
}

/** A sample of the steps of a test, such as the points at which it simulates a crash; all of them in a full run. */
export function sampled<T>(steps: Iterable<T>, size: number): T[] {
  const all = [...steps];
  return isFullRun ? all : split(all, size).inside;
}

/**
 * The number of random cases of a fuzz test. `OZX_FUZZ_RUNS` sets it for all tests.
 *
 * @param runs the number in a sample, and in a full run
 */
export function fuzzRuns({ sample, full = 10_000 }: { sample: number; full?: number }): number {
  const requested = process.env["OZX_FUZZ_RUNS"];
  return requested ? Number(requested) : isFullRun ? full : sample;
}

function split<T>(all: readonly T[], size: number): { inside: T[]; outside: T[] } {
  const count = Math.min(size, all.length);
  const step = (all.length - 1) / Math.max(1, count - 1);
  const chosen = new Set(Array.from({ length: count }, (_, i) => Math.round(i * step)));
  return {
    inside: all.filter((_, i) => chosen.has(i)),
    outside: all.filter((_, i) => !chosen.has(i)),
  };
}
