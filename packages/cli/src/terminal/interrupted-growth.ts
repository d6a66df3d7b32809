import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * What to do about a file that was growing in place when ozx was interrupted, so that `growthRecordOf` of
 * `@ozx/convert/node` is beside it, which is not loaded for an error; undefined for all other files.
 */
export function interruptedGrowth(location: string): string | undefined {
  if (/^\w+:\/\//.test(location) || !existsSync(location)) return undefined;
  // It lies beside the file that a link leads to.
  const file = realpathSync(location);
  if (!existsSync(join(dirname(file), `.${basename(file)}.growth`))) return undefined;
  return `a change of it was interrupted: ozx fix ${location} removes what that has left behind its end`;
}
