import { planTransfer, type ReadOptions, runTransfer } from "@ozx/core";
import { createFileSink } from "@ozx/core/node";
import type { Output } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import type { Fixable } from "./fixable.js";

export interface RewriteOptions extends ReadOptions {
  readonly overwrite: boolean;
  readonly quiet: boolean;
}

/**
 * Writes a new archive of another one's content, in the right order and form. The output is there when all of it
 * is; it may be the very file that is mended.
 *
 * @throws DestinationExistsError, WriteFailedError, and what planning a transfer throws
 */
export async function rewrite(
  { source, format }: Fixable,
  output: string,
  out: Output,
  { overwrite, quiet, signal }: RewriteOptions,
): Promise<void> {
  const store = await format.open(source, { signal });
  const transfer = await planTransfer(store, format, { signal });
  for (const { rule, message } of transfer.findings) if (!MENDED_BY_WRITING.has(rule)) out.note(message);
  const sink = await createFileSink(output, { overwrite });
  const progress = createProgress(process.stderr, { verb: "Mending", bytes: transfer.bytes });
  try {
    const onProgress = quiet ? undefined : progress.update;
    await runTransfer(transfer, format.target(sink), { signal, onProgress });
  } finally {
    progress.clear();
  }
}

/** What a reader remarks on opening, and a plan to mend it has said already. */
const MENDED_BY_WRITING: ReadonlySet<string> = new Set(["root-zarr-json"]);
