/**
 * How much of what is slow a run does. `npm test` does a sample of it, the same one each time; `OZX_TESTS=full`, as
 * `.ci/run` sets it, does everything.
 */
const isFull = process.env["OZX_TESTS"] === "full";

/** Why a test is not in a sample; undefined where everything runs. */
export function outsideSample(): string | undefined {
  return isFull ? undefined : "not in the sample: OZX_TESTS=full runs it";
}

/**
 * The number of cases of a test that draws them at random. `OZX_FUZZ_RUNS` sets it for all of them.
 *
 * @param runs of a sample, and of a full run
 */
export function fuzzRuns({ sample, full = 10_000 }: { sample: number; full?: number }): number {
  const asked = process.env["OZX_FUZZ_RUNS"];
  return asked ? Number(asked) : isFull ? full : sample;
}
