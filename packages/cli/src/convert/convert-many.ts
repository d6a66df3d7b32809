import { formatBytes, formatCount, formatSeconds, plural, redactAddress } from "@ozx/core/internal";
import { EXIT } from "../terminal/exit-codes.js";
import type { Output } from "../terminal/output.js";
import type { ConvertFlags, ConvertRequest } from "./conversion-request.js";
import { convertOne } from "./convert-one.js";
import { hasImageThreads, type ImageThread, imageThread } from "./image-threads.js";
import type { ImageOutcome, RunLog } from "./run-log.js";

export interface ConvertManyOptions {
  readonly flags: ConvertFlags;
  readonly out: Output;
  readonly log: RunLog;
  readonly signal: AbortSignal;
}

/** Carries out one conversion after the other. */
type Lane = Pick<ImageThread, "convert" | "close">;

/**
 * Carries out conversions: one after the other with all threads, or with `jobs` as many at once. A complete output that
 * exists is left as it is; a conversion that fails does not keep the others from being carried out.
 *
 * @returns the exit code: that of the first input whose conversion failed
 * @throws the signal's reason
 */
export async function convertMany(
  requests: readonly ConvertRequest[],
  { flags, out, log, signal }: ConvertManyOptions,
): Promise<number> {
  const started = performance.now();
  const outcomes: (ImageOutcome | undefined)[] = requests.map(() => undefined);
  const failing = new AbortController();
  const ending = AbortSignal.any([signal, failing.signal]);
  let next = 0;
  const run = async ({ convert }: Lane): Promise<void> => {
    for (let index = next++; index < requests.length; index = next++) {
      const request = requests[index] as ConvertRequest;
      if (!request.quiet && requests.length > 1) {
        out.note(`${index + 1} of ${requests.length}: ${redactAddress(request.input)}`);
      }
      const outcome = await convert(request, out, ending);
      if (!request.dryRun || outcome.state !== "written") {
        log(outcome);
        if (outcome.state === "failed") out.error(outcome.message);
        else out.note(outcome.message);
        outcomes[index] = outcome;
      }
      ending.throwIfAborted();
    }
  };
  const lanes = lanesFor(requests, flags);
  try {
    await Promise.all(
      lanes.map((lane) =>
        run(lane).catch((error: unknown) => {
          // The others give up what they have begun, so that nothing is left half done.
          failing.abort(error);
        }),
      ),
    );
  } finally {
    await Promise.all(lanes.map(({ close }) => close()));
  }
  ending.throwIfAborted();
  const known = outcomes.filter((outcome) => outcome !== undefined);
  summarize(known, { seconds: (performance.now() - started) / 1000, out });
  return known.find(({ exitCode }) => exitCode !== EXIT.ok)?.exitCode ?? EXIT.ok;
}

/** This thread alone, or several that share `jobs`. */
function lanesFor(requests: readonly ConvertRequest[], flags: ConvertFlags): Lane[] {
  const { jobs = 1, dryRun = false } = flags;
  const count = Math.min(jobs, requests.length);
  if (count < 2 || dryRun || !hasImageThreads()) return [{ convert: convertOne, close: async () => {} }];
  const shared = { ...flags, jobs: Math.floor(jobs / count) };
  return Array.from({ length: count }, () => imageThread(shared));
}

/** Says what became of all inputs: also with `--quiet` where something was written, since a job's log is all there is. */
function summarize(
  outcomes: readonly ImageOutcome[],
  { seconds, out }: { readonly seconds: number; readonly out: Output },
): void {
  const count = (state: ImageOutcome["state"]): number =>
    outcomes.filter((outcome) => outcome.state === state).length;
  const [written, existed, failed] = [count("written"), count("exists"), count("failed")];
  if (outcomes.length === 0) return;
  const bytes = outcomes.reduce((sum, outcome) => sum + outcome.bytes, 0);
  const parts = [
    `${formatCount(written)} written (${formatBytes(bytes)})`,
    ...(existed > 0 ? [`${formatCount(existed)} existed already`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
  ];
  const text = `${plural(outcomes.length, "image")}: ${parts.join(", ")}, ${formatSeconds(seconds)}`;
  if (written > 0) out.summary(text);
  else out.note(text);
}
