import type { TransferPlan } from "@ozx/convert";
import { type Destination, destinationFor, type Leftover } from "@ozx/convert/node";
import type { Resumption } from "@ozx/core/container";
import { formatBytes, formatCount, plural, redactAddress } from "@ozx/core/internal";
import { formats } from "../formats.js";
import type { ConvertRequest } from "./conversion-request.js";

/**
 * A leftover of a run that was killed, and what can be done about it.
 *
 * @param options.isUnused whether this run is known not to resume it
 */
export function describeLeftover(
  { path, journal, elsewhere }: Leftover,
  { isUnused }: { readonly isUnused: boolean },
): string {
  // Of a run on another computer it is only known that it has written nothing for a while.
  return [
    elsewhere
      ? `${path} seems to be left over from a run on another computer.`
      : `${path} is left over from a run that was killed.`,
    ...(journal && !isUnused ? ["The same conversion with --resume continues it."] : []),
    elsewhere
      ? "It can be removed if nothing writes to it any more."
      : "If it is not needed, it can be removed.",
  ].join(" ");
}

/** What `--resume` would do. Whether a leftover is of the same conversion shows only when it runs. */
export function describeResumable({ leftovers }: Destination, output: string): string {
  const [last] = leftovers.filter(({ journal }) => journal);
  return last === undefined
    ? `--resume would start from the beginning: nothing is left over beside ${output}.`
    : describeLeftover(last, { isUnused: false });
}

/** Where a run with `--resume` starts, and why it starts from the beginning where it does. */
export function describeResumption(
  { leftover, done, isResumable }: Resumption,
  plan: TransferPlan,
  { input, output }: ConvertRequest,
): string {
  if (!isResumable) {
    return `Starting from the beginning: it cannot be detected whether ${redactAddress(input)} changes, so nothing can be resumed.`;
  }
  if (leftover === undefined) {
    return `Starting from the beginning: no earlier run of the same conversion was found beside ${output}.`;
  }
  if (done.entries === 0) {
    return `Starting from the beginning: ${leftover} was interrupted before any entry was certain to be on the disk.`;
  }
  const entries = plural(plan.entries.length + (plan.generated?.entries ?? 0), "entry", "entries");
  // The number and size of generated entries are known afterwards.
  const about = plan.generated === undefined ? "" : "about ";
  return `Resuming after ${formatCount(done.entries)} of ${about}${entries} (${formatBytes(done.bytes)} of ${about}${formatBytes(plan.bytes)}).`;
}

/** How a run with `--resume` that failed can be continued; undefined where nothing of it was kept. */
export async function resumeHint(output: string): Promise<string | undefined> {
  const { leftovers } = await destinationFor(output, { formats, overwrite: true });
  if (!leftovers.some(({ journal }) => journal)) return undefined;
  return `What was written of ${output} is kept: the same command with --resume continues it.`;
}
