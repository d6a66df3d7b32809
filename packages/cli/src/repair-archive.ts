import { stat } from "node:fs/promises";
import {
  type ByteSource,
  collectFindings,
  type FindingGroup,
  findFormat,
  formatBytes,
  formatForName,
  isOzxError,
  planTransfer,
  type ReadOptions,
  runTransfer,
  SourceChangedError,
  type StoreFormat,
  UsageError,
} from "@ozx/core";
import { createFileSink, lockPath, openFileSource, openTailFile } from "@ozx/core/node";
import {
  ARCHIVE_RULES,
  checkArchive,
  planRepair,
  type RepairPlan,
  type RepairStep,
  repairTail,
} from "@ozx/store-zip";
import { formats } from "./formats.js";
import type { Output } from "./terminal/output.js";
import { createProgress } from "./terminal/progress.js";

/** An archive, and what can be mended in it. */
export interface Repairable {
  readonly source: ByteSource;
  readonly format: WritableFormat;
  readonly plan: RepairPlan;
  /** What `tailOnly` leaves out of the plan. */
  readonly skipped: readonly RepairStep[];
}

export type WritableFormat = StoreFormat & Required<Pick<StoreFormat, "target">>;

export interface RepairableOptions extends ReadOptions {
  /** Leave out what needs data moved. */
  readonly tailOnly: boolean;
}

/**
 * Opens an archive and finds out what can be mended. Whoever calls it closes the source.
 *
 * @throws NotFoundError, UnreadableError when it cannot be read
 * @throws InvalidArchiveError, UnsupportedError when nobody can mend it
 */
export async function openRepairable(path: string, options: RepairableOptions): Promise<Repairable> {
  const source = await openFileSource(path);
  try {
    const format = writableFormat();
    const found = await planRepair(source, { signal: options.signal }).catch(async (error: unknown) => {
      // What is no archive at all is told in the words of the other commands.
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
    await source.close();
    throw error;
  }
}

/**
 * The plan, or its tail alone where no new file can be written: two hierarchies in the archive, unsafe names, what
 * cannot be upgraded.
 *
 * @throws what `planTransfer` throws when all that could be mended needs a new file
 */
async function withoutObstacle(
  plan: RepairPlan,
  source: ByteSource,
  format: WritableFormat,
  options: ReadOptions,
): Promise<RepairPlan> {
  if (plan.kind !== "rewrite") return plan;
  try {
    await planTransfer(await format.open(source, options), format, { signal: options.signal });
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

/** The format that a mended archive is written in. */
function writableFormat(): WritableFormat {
  const found = formats.find(isWritable);
  if (found === undefined) throw new UsageError("no format that can be written is known");
  return found;
}

function isWritable(format: StoreFormat): format is WritableFormat {
  return format.target !== undefined;
}

/**
 * Throws `UsageError` for outputs that are no archive by their name.
 */
export function rejectOtherOutput(output: string): void {
  const format = formatForName(output, formats);
  if (format !== undefined && isWritable(format)) return;
  const suffixes = formats.filter(isWritable).flatMap(({ extensions }) => extensions);
  throw new UsageError(
    `fix writes an archive, and ${output} is none by its name: end it in ${suffixes.join(" or ")}`,
  );
}

/** Writes the end of an archive again, where it lies. */
export async function repairInPlace(
  path: string,
  { source }: Repairable,
  out: Output,
  options: ReadOptions,
): Promise<void> {
  const unlock = await lockPath(path);
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
    throw new SourceChangedError(`${path} was changed while it was looked at: run fix again`, {
      location: path,
    });
  }
  const file = await openTailFile(path);
  try {
    const { wasted } = await repairTail(source, file, options);
    if (wasted > 0) {
      out.note(
        `${path}: ${formatBytes(wasted)} in it belong to no entry any more; a new file (-o) is smaller`,
      );
    }
  } finally {
    await file.close();
  }
}

export interface RewriteArchiveOptions extends ReadOptions {
  readonly overwrite: boolean;
  readonly quiet: boolean;
}

/**
 * Writes a new archive of another one's content, in the right order and form. The output is there when all of it
 * is; it may be the very file that is mended.
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
  const transfer = await planTransfer(store, format, { signal });
  for (const { rule, message } of transfer.findings) if (!REPAIRED_BY_WRITING.has(rule)) out.note(message);
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
const REPAIRED_BY_WRITING: ReadonlySet<string> = new Set(["root-zarr-json"]);

/** What is still wrong with an archive after it was mended: errors and warnings, by rule. */
export async function remainingFindings(path: string, options: ReadOptions): Promise<FindingGroup[]> {
  const source = await openFileSource(path);
  try {
    const collector = collectFindings({ rules: ARCHIVE_RULES, examples: 1 });
    for await (const finding of checkArchive(source, options)) {
      if (finding.severity !== "info") collector.add(finding, "zip");
    }
    return collector.groups();
  } finally {
    await source.close();
  }
}
