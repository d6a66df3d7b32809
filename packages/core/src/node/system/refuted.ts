import { WriteFailedError } from "../../errors.js";

/** Looks at a file or folder that is complete and has not its place yet, and says whether it may have it. */
export type OutputCheck = (partial: string) => Promise<boolean>;

/** The output is complete, and not what it was to be: nothing of it is kept, also not to be gone on with. */
export class RefutedError extends WriteFailedError {}

/** @throws RefutedError when what is to be at `path` is not as it was to be, and what the check throws */
export async function refuseRefuted(
  path: string,
  partial: string,
  check: OutputCheck | undefined,
): Promise<void> {
  if (check === undefined || (await check(partial))) return;
  throw new RefutedError(`${path} is not written, for it would not be what it was to be`, { location: path });
}
