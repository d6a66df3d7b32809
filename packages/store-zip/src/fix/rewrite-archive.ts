import {
  type ByteSink,
  type ByteSource,
  planTransfer,
  runTransfer,
  type TransferPlan,
  type WriteOptions,
} from "@ozx/core";
import { openOzx, ozxFormat } from "../rfc9/ozx-format.js";
import { ozxTarget } from "../rfc9/ozx-target.js";
import { factsForFix } from "./plan-fix.js";

/**
 * Writes an archive anew into a sink, which mends all that `planFix` lists: entries stored and in RFC-9's order,
 * the root at the root, OME-Zarr 0.4 upgraded, ZIP64 records everywhere. The source stays as it is.
 *
 * @throws InvalidArchiveError, UnsupportedError when it cannot be mended
 * @throws what reading the archive's hierarchy and writing to the sink throw
 */
export async function rewriteArchive(
  source: ByteSource,
  sink: ByteSink,
  options?: WriteOptions,
): Promise<void> {
  const plan = await planOrDiscard(source, sink, options);
  // From here on the target discards the sink itself when anything fails.
  await runTransfer(plan, ozxTarget(sink), options);
}

async function planOrDiscard(
  source: ByteSource,
  sink: ByteSink,
  options?: WriteOptions,
): Promise<TransferPlan> {
  try {
    await factsForFix(source, options);
    return await planTransfer(await openOzx(source, options), ozxFormat, options);
  } catch (error) {
    await sink.discard();
    throw error;
  }
}
