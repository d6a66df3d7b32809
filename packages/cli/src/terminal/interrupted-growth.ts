import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * What to do about a file that was growing in place when ozx was interrupted, so that `growthRecordOf` of
 * `@ozx/convert/node` is beside it, which is not loaded for an error; undefined for all other files.
 */
export function interruptedGrowth(location: string): string | undefined {
  const record = join(dirname(location), `.${basename(location)}.growth`);
  if (/^\w+:\/\//.test(location) || !existsSync(record)) return undefined;
  return `a change of it was interrupted: ozx fix ${location} removes what that has left behind its end`;
}
