import { existsSync, statSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { planTransfer, runTransfer } from "@ozx/convert";
import { createFileSink, cutInterrupted, growthRecordOf, lockPath, openTailFile } from "@ozx/convert/node";
import {
  type ByteSource,
  isOzxError,
  type ReadOptions,
  SourceChangedError,
  type StoreFormat,
  UnreadableError,
  UsageError,
} from "@ozx/core";
import { findFormat, formatBytes, formatForName } from "@ozx/core/internal";
import { openFileSource } from "@ozx/core/node";
import { collectFindings, type FindingGroup } from "@ozx/core/validate";
import { planRepair, type RepairPlan, type RepairStep, repairTail } from "@ozx/store-zip";
import { formats } from "./formats.js";
import type { Output } from "./terminal/output.js";
import { createProgress } from "./terminal/progress.js";

/** An archive, and what can be repaired in it. */
export interface Repairable {
  readonly source: ByteSource;
  readonly format: WritableFormat;
  readonly plan: RepairPlan;
  /** The steps that `tailOnly` leaves out of the plan. */
  readonly skipped: readonly RepairStep[];
}

/** A format of archives that can be written and checked. */
type WritableFormat = StoreFormat & Required<Pick<StoreFormat, "target" | "rules" | "check">>;

interface RepairableOptions extends ReadOptions {
  /** Leave out the steps that move data. */
  readonly tailOnly: boolean;
  /** Also plan what only wastes space. */
  readonly strict?: boolean | undefined;
}

/**
 * Opens an archive and plans its repair. The caller closes the source.
 *
 * @throws NotFoundError, UnreadableError when it cannot be read
 * @throws UnknownFormatError when it is not an archive
 * @throws InvalidArchiveError, UnsupportedError when it cannot be repaired
 */
export async function openRepairable(path: string, options: RepairableOptions): Promise<Repairable> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UnreadableError(
      `${path} is a folder, and fix repairs archives: "ozx convert ${path} image.ozx" packs it, and completes its metadata`,
      { location: path },
    );
  }
  const source = await openFileSource(path);
  try {
    const format = writableFormat();
    const found = await planRepair(source, options).catch(async (error: unknown) => {
      // A file that is not an archive gets the message of the other commands.
      if (isOzxError(error, "InvalidArchive")) {
        await findFormat(source, { formats, signal: options.signal });
      }
      throw error;
    });
    const plan = await withoutObstacle(found, source, format, options);
    if (!options.tailOnly) return { source, format, plan, skipped: [] };
    const left = plan.steps.filter(({ moves }) => moves !== "tail");
    return { source, format, plan: tailPlan(plan), skipped: left };
  } catch (error) {
    const changed = changeOf(source);
    await source.close();
    throw changed ?? error;
  }
}

/**
 * Cuts off what an interrupted change in place has left behind the end of an archive, without which it is as it was.
 *
 * @throws WriteFailedError when another writer is at work there, or it cannot be changed
 */
export async function cutLeftover(path: string, out: Output): Promise<void> {
  const real = await realpath(path).catch(() => path);
  if (!existsSync(growthRecordOf(real))) return;
  const unlock = await lockPath(path, { wait: WAIT_FOR_LOCK });
  try {
    const cut = await cutInterrupted(path);
    if (cut > 0)
      out.note(`${path}: removed ${formatBytes(cut)} that an interrupted change had left behind its end`);
  } finally {
    await unlock();
  }
}

/** Why what was read of a file may contradict itself: another program has changed it meanwhile. */
function changeOf(source: ByteSource): SourceChangedError | undefined {
  try {
    source.checkUnchanged?.();
    return undefined;
  } catch (error) {
    if (!isOzxError(error, "SourceChanged")) return undefined;
    return new SourceChangedError(`${source.name} was changed while it was read: run fix again`, {
      location: source.name,
    });
  }
}

/** For how many milliseconds a fix waits for another one of the same file, which is done in a moment. */
const WAIT_FOR_LOCK = 2000;

/**
 * The plan, or only its steps in the tail where no new file can be written: the archive contains two hierarchies or
 * unsafe names, or cannot be upgraded.
 *
 * @throws what `planTransfer` throws when all steps need a new file
 */
async function withoutObstacle(
  plan: RepairPlan,
  source: ByteSource,
  format: WritableFormat,
  options: ReadOptions,
): Promise<RepairPlan> {
  if (plan.kind !== "rewrite") return plan;
  try {
    await planTransfer(await format.open(source, options), format, {
      signal: options.signal,
      allowMissing: true,
    });
    return plan;
  } catch (error) {
    const tail = tailPlan(plan);
    if (!isOzxError(error) || tail.kind === "nothing") throw error;
    return tail;
  }
}

function tailPlan({ steps }: RepairPlan): RepairPlan {
  const inTail = steps.filter(({ moves }) => moves === "tail");
  return { steps: inTail, kind: inTail.length > 0 ? "tail" : "nothing" };
}

/** The format of a repaired archive. */
function writableFormat(): WritableFormat {
  const found = formats.find(isWritable);
  if (found === undefined) throw new UsageError("no known format can be repaired");
  return found;
}

function isWritable(format: StoreFormat): format is WritableFormat {
  return format.target !== undefined && format.rules !== undefined && format.check !== undefined;
}

/** Throws `UsageError` for an output whose name is not that of an archive. */
export function rejectOtherOutput(output: string): void {
  const format = formatForName(output, formats);
  if (format !== undefined && isWritable(format)) return;
  const suffixes = formats.filter(isWritable).flatMap(({ extensions }) => extensions);
  throw new UsageError(
    `fix writes an archive, and ${output} does not have the name of one: end it in ${suffixes.join(" or ")}`,
  );
}

/** Rewrites the end of an archive in place. */
export async function repairInPlace(
  path: string,
  { source }: Repairable,
  out: Output,
  options: ReadOptions,
): Promise<void> {
  const unlock = await lockPath(path, { wait: WAIT_FOR_LOCK });
  try {
    await repairLocked(path, source, out, options);
  } finally {
    await unlock();
  }
}

async function repairLocked(
  path: string,
  source: ByteSource,
  out: Output,
  options: ReadOptions,
): Promise<void> {
  const { size } = await stat(path);
  if (size !== source.size) {
    throw new SourceChangedError(`${path} was changed while it was read: run fix again`, {
      location: path,
    });
  }
  const changed = changeOf(source);
  if (changed !== undefined) throw changed;
  const file = await openTailFile(path, { isLocked: true });
  try {
    const { wasted } = await repairTail(source, file, options);
    if (wasted > 0) {
      out.note(`${path}: ${formatBytes(wasted)} in it are unused now; a new file (-o) is smaller`);
    }
  } finally {
    await file.close();
  }
}

interface RewriteArchiveOptions extends ReadOptions {
  readonly overwrite: boolean;
  readonly quiet: boolean;
}

/**
 * Writes the content of an archive into a new one that follows RFC-9. Output is written atomically, and may replace the
 * archive itself.
 *
 * @throws DestinationExistsError, WriteFailedError, and what planning a transfer throws
 */
export async function rewriteArchive(
  { source, format }: Repairable,
  output: string,
  out: Output,
  { overwrite, quiet, signal }: RewriteArchiveOptions,
): Promise<void> {
  const store = await format.open(source, { signal });
  const transfer = await planTransfer(store, format, { signal, allowMissing: true });
  for (const { rule, message } of transfer.findings) if (!REPAIRED_BY_WRITING.has(rule)) out.note(message);
  const sink = await createFileSink(output, { overwrite });
  const progress = createProgress(process.stderr, { verb: "Repairing", bytes: transfer.bytes });
  try {
    const onProgress = quiet ? undefined : progress.update;
    await runTransfer(transfer, format.target(sink), { signal, onProgress });
  } finally {
    progress.clear();
  }
}

/** Findings of a reader that the repair plan has reported already. */
const REPAIRED_BY_WRITING: ReadonlySet<string> = new Set(["root-zarr-json"]);

/** The errors and warnings that a repaired archive still has, by rule. */
export async function remainingFindings(path: string, options: ReadOptions): Promise<FindingGroup[]> {
  const source = await openFileSource(path);
  try {
    const format = writableFormat();
    const collector = collectFindings({ rules: format.rules, examples: 1 });
    for await (const finding of format.check(source, options)) {
      if (finding.severity !== "info") collector.add(finding, "zip");
    }
    return collector.groups();
  } catch (error) {
    // The next fix of the same file looks for itself.
    if (changeOf(source) !== undefined) return [];
    throw error;
  } finally {
    await source.close();
  }
}
