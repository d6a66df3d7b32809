import { stat } from "node:fs/promises";
import { createProgress, type ProgressReporter } from "../terminal/progress.js";

/**
 * Progress of a check that reads all data. Of a file it is read twice, once for its checksums and once to decode
 * it; how much there is in a folder is not known before.
 */
export async function createCheckProgress(path: string): Promise<ProgressReporter | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const reporter = createProgress(process.stderr, { verb: "Checking", bytes: found.size * 2 });
  let before = 0;
  let last = 0;
  return {
    update({ entries, bytes }) {
      // The second pass counts from the start again.
      if (bytes < last) before += last;
      last = bytes;
      reporter.update({ entries, bytes: before + bytes });
    },
    clear: reporter.clear,
  };
}
