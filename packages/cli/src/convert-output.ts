import {
  DestinationExistsError,
  formatBytes,
  formatCount,
  isOzxError,
  type OzxError,
  plural,
  type Resumption,
  redactAddress,
  type TransferPlan,
} from "@ozx/core";
import { type Destination, destinationFor, type LeftPartial, roomFor } from "@ozx/core/node";
import { formats } from "./formats.js";
import type { Output } from "./terminal/output.js";

/** The destination, and what is said where it exists and is not to be replaced. */
export async function findDestination(
  output: string,
  options: Parameters<typeof destinationFor>[1],
): Promise<{ destination: Destination; existing?: OzxError }> {
  try {
    return { destination: await destinationFor(output, options) };
  } catch (error) {
    if (!isOzxError(error, "DestinationExists")) throw error;
    const destination = await destinationFor(output, { ...options, overwrite: true });
    const isDone = options.resume && error.replaceable && !destination.left.some(({ journal }) => journal);
    return { destination, existing: isDone ? nothingToResume(output) : error };
  }
}

/** To replace what may be complete is not the first thing to think of. */
function nothingToResume(output: string): OzxError {
  return new DestinationExistsError(
    `${output} exists already, and nothing of it is left to go on with: it may be complete, which ozx verify tells; or add --force to replace it`,
    { location: output, replaceable: false },
  );
}

/** After a failure with `--resume`, which keeps what is written. Undefined where nothing is kept. */
export async function resumeHint(output: string): Promise<string | undefined> {
  const { left } = await destinationFor(output, { formats, overwrite: true });
  if (!left.some(({ journal }) => journal)) return undefined;
  return `what is written of ${output} is kept: the same command with --resume goes on with it`;
}

/** Whether what is left is of the same conversion shows when it is begun. */
export function describeResumable({ left }: Destination, output: string): string {
  const [last] = left.filter(({ journal }) => journal);
  return last === undefined
    ? `nothing is left beside ${output} to go on with: --resume would start anew`
    : describeLeftover(last, false);
}

/**
 * What can be done about what a killed run left behind.
 *
 * @param unused whether it is known that this run does not go on with it
 */
export function describeLeftover({ path, journal, elsewhere }: LeftPartial, unused: boolean): string {
  // Of another computer it is only known that nothing was written for a while.
  const [is, remove] = elsewhere
    ? ["seems to be left of a run on another computer", "remove it if nothing writes it any more"]
    : ["is left of a run that was killed", "remove it"];
  return journal && !unused
    ? `${path} ${is}. The same conversion with --resume goes on with it; or ${remove}.`
    : `${path} ${is}. R${remove.slice(1)}.`;
}

/** Says where `ozx convert --resume` goes on, or why it starts anew. */
export function describeResumption(
  { leftover: left, done, isResumable: leaves }: Resumption,
  plan: TransferPlan,
  { input, output }: { readonly input: string; readonly output: string },
): string {
  if (!leaves) {
    return `nothing can be gone on with: whether ${redactAddress(input)} changes meanwhile cannot be told; started anew`;
  }
  if (left === undefined) {
    return `nothing to go on with: no earlier run of the same conversion was found beside ${output}; started anew`;
  }
  if (done.entries === 0) {
    return `nothing to go on with: ${left} was left before anything in it was certain; started anew`;
  }
  const entries = plural(plan.entries.length + (plan.made?.entries ?? 0), "entry", "entries");
  // How many entries are made, and how large they are, is known afterwards.
  const about = plan.made === undefined ? "" : "about ";
  return `went on after ${formatCount(done.entries)} of ${about}${entries} (${formatBytes(done.bytes)} of ${about}${formatBytes(plan.bytes)})`;
}

/** In a folder each entry is a file, and fills its last block only in part. */
export function requiredSpace({ bytes, entries, made }: TransferPlan, { zarrFormat }: Destination) {
  return { bytes, files: zarrFormat === undefined ? entries.length + (made?.entries ?? 0) : 1 };
}

/** Where it is only about known how much is needed; the rest is compared where it is written. */
export async function warnAboutSpace(
  output: string,
  plan: TransferPlan,
  destination: Destination,
  out: Output,
): Promise<void> {
  if (plan.made === undefined || plan.made.bytes === plan.made.leastBytes) return;
  const room = await roomFor(output, requiredSpace(plan, destination));
  if (room === undefined || !room.isCertain || room.needed <= room.free) return;
  const { needed, free } = room;
  out.note(
    `${output} may not fit: it needs about ${formatBytes(needed)}, and its disk has ${formatBytes(free)} free.`,
  );
}
