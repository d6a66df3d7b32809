import { describe, test } from "vitest";
import { skipFor } from "./skip.js";

/**
 * How much of what is slow a run does. `npm test` does a sample of it, the same one each time; `OZX_TESTS=full`, as
 * `.ci/run` sets it, does everything.
 */
export const isFullRun: boolean = process.env["OZX_TESTS"] === "full";

/** Why a test is not in a sample; undefined where everything runs. */
export function outsideSample(): string | undefined {
  return isFullRun ? undefined : "not in the sample: OZX_TESTS=full runs it";
}

/**
 * `test.for` over a table of which a sample runs. The other cases are skipped by name, in a full run none.
 *
 * @param size of the sample, which has the first case, the last one and others between them, evenly
 */
export function testSample<T>(
  cases: readonly T[],
  size: number,
): (name: string, run: (one: T) => void | Promise<void>) => void {
  const { inside, outside } = split(cases, size);
  return (name, run) => {
    test.for(inside)(name, (one) => run(one));
    test.for(outside)(name, skipFor(outsideSample()), (one) => run(one));
  };
}

/** The same with `describe.for`. */
export function describeSample<T>(
  cases: readonly T[],
  size: number,
): (name: string, run: (one: T) => void) => void {
  const { inside, outside } = split(cases, size);
  return (name, run) => {
    describe.for(inside)(name, (one) => run(one));
    describe.for(outside)(name, skipFor(outsideSample()), (one) => run(one));
  };
}

/** A sample of the steps of a test, such as the moments at which a crash is tried; all of them in a full run. */
export function sampled<T>(steps: Iterable<T>, size: number): T[] {
  const all = [...steps];
  return isFullRun ? all : split(all, size).inside;
}

/**
 * The number of cases of a test that draws them at random. `OZX_FUZZ_RUNS` sets it for all of them.
 *
 * @param runs of a sample, and of a full run
 */
export function fuzzRuns({ sample, full = 10_000 }: { sample: number; full?: number }): number {
  const asked = process.env["OZX_FUZZ_RUNS"];
  return asked ? Number(asked) : isFullRun ? full : sample;
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
