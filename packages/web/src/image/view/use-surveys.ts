import { useEffect, useState } from "react";
import { type Survey, surveyChannel } from "../model/survey.js";
import type { Pyramid } from "../tiles/pyramid.js";
import type { Slice } from "../tiles/read-tile.js";

/**
 * Looks at the channels that are on, for their windows, histograms and the overview. Those of the last slice stay
 * until those of the next one are there.
 *
 * @param attempt another number has what could not be read be read again
 */
export function useSurveys(
  pyramid: Pyramid,
  slice: Slice,
  channels: readonly number[],
  attempt: number,
  onError: (error: unknown) => void,
): ReadonlyMap<number, Survey> {
  const [surveys, setSurveys] = useState<ReadonlyMap<number, Survey>>(new Map());
  const [surveyed, setSurveyed] = useState<string>();
  const sliceKey = JSON.stringify(slice);
  const missing = channels.filter((channel) => sliceKey !== surveyed || !surveys.has(channel)).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is a reason to read again
  useEffect(() => {
    if (missing === "") return;
    const controller = new AbortController();
    const indices = missing.split(",").map(Number);
    const at = JSON.parse(sliceKey) as Slice;
    const run = async (): Promise<void> => {
      const found = await Promise.all(
        indices.map((channel) => surveyChannel(pyramid, at, channel, { signal: controller.signal })),
      );
      if (controller.signal.aborted) return;
      setSurveys(
        (old) => new Map([...old, ...indices.map((index, i) => [index, found[i] as Survey] as const)]),
      );
      setSurveyed(sliceKey);
    };
    run().catch((error) => {
      if (!controller.signal.aborted) onError(error);
    });
    return () => controller.abort();
  }, [pyramid, sliceKey, missing, attempt, onError]);

  return surveys;
}
