import { DestinationExistsError, isOzxError, type OzxError } from "@ozx/core";
import { type Destination, destinationFor, type LeftPartial } from "@ozx/core/node";
import { formats } from "../formats.js";

/** The destination, and what is said where it exists and is not to be replaced. */
export async function destinationOf(
  output: string,
  options: Parameters<typeof destinationFor>[1],
): Promise<{ destination: Destination; existing?: OzxError }> {
  try {
    return { destination: await destinationFor(output, options) };
  } catch (error) {
    if (!isOzxError(error, "DestinationExists")) throw error;
    const destination = await destinationFor(output, { ...options, overwrite: true });
    const isDone = options.resume && error.replaceable && !destination.left.some(({ journal }) => journal);
    return { destination, existing: isDone ? nothingLeft(output) : error };
  }
}

/** To replace what may be complete is not the first thing to think of. */
function nothingLeft(output: string): OzxError {
  return new DestinationExistsError(
    `${output} exists already, and nothing of it is left to go on with: it may be complete, which ozx verify tells; or add --force to replace it`,
    { location: output, replaceable: false },
  );
}

/** After a failure with `--resume`, which keeps what is written. Undefined where nothing is kept. */
export async function howToGoOn(output: string): Promise<string | undefined> {
  const { left } = await destinationFor(output, { formats, overwrite: true });
  if (!left.some(({ journal }) => journal)) return undefined;
  return `what is written of ${output} is kept: the same command with --resume goes on with it`;
}

/** Whether what is left is of the same conversion shows when it is begun. */
export function whereToGoOn({ left }: Destination, output: string): string {
  const [last] = left.filter(({ journal }) => journal);
  return last === undefined
    ? `nothing is left beside ${output} to go on with: --resume would start anew`
    : aboutLeft(last, false);
}

/**
 * What can be done about what a killed run left behind.
 *
 * @param unused whether it is known that this run does not go on with it
 */
export function aboutLeft({ path, journal, elsewhere }: LeftPartial, unused: boolean): string {
  // Of another computer it is only known that nothing was written for a while.
  const [is, remove] = elsewhere
    ? ["seems to be left of a run on another computer", "remove it if nothing writes it any more"]
    : ["is left of a run that was killed", "remove it"];
  return journal && !unused
    ? `${path} ${is}. The same conversion with --resume goes on with it; or ${remove}.`
    : `${path} ${is}. R${remove.slice(1)}.`;
}
