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
      // What is wrong with one channel is no reason to know nothing of the others.
      const found = await Promise.allSettled(
        indices.map((channel) => surveyChannel(pyramid, at, channel, { signal: controller.signal })),
      );
      if (controller.signal.aborted) return;
      setSurveys((old) => {
        const next = new Map(old);
        for (const [i, index] of indices.entries()) {
          const one = found[i];
          if (one?.status === "fulfilled") next.set(index, one.value);
          else next.delete(index);
        }
        return next;
      });
      setSurveyed(sliceKey);
      const failed = found.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    };
    run().catch((error) => {
      if (!controller.signal.aborted) onError(error);
    });
    return () => controller.abort();
  }, [pyramid, sliceKey, missing, attempt, onError]);

  return surveys;
}
