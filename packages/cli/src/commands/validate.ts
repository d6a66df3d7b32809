import { once } from "node:events";
import { stat } from "node:fs/promises";
import { isOzxError, UsageError } from "@ozx/core";
import { plural, redactAddress } from "@ozx/core/internal";
import { locatePath, openDirectoryStore } from "@ozx/core/internal/node";
import { createChunkWorkers, type OpenPathOptions } from "@ozx/core/node";
import { isValid, type ValidateOptions, validateOmeZarr } from "@ozx/core/validate";
import type { Command } from "commander";
import { formats } from "../formats.js";
import { type HttpFlags, type HttpOpening, httpOptions, withHttpOptions } from "../options/http-options.js";
import { parseJobs } from "../options/transfer-options.js";
import {
  findingToJson,
  type PathOutcome,
  type PathReport,
  renderReport,
  renderTotals,
  reportsToJson,
} from "../render/validation-report.js";
import { EXIT } from "../terminal/exit-codes.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptedGrowth } from "../terminal/interrupted-growth.js";
import { interruptible } from "../terminal/interruption.js";
import { createOutput, type Output } from "../terminal/output.js";
import { createProgress, type ProgressReporter } from "../terminal/progress.js";
import { exitCodeFor, formatError } from "../terminal/report-error.js";

interface ValidateFlags extends HttpFlags {
  readonly deep?: boolean;
  readonly jobs?: number;
  readonly strict?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly jsonl?: boolean;
  readonly quiet?: boolean;
}

export function defineValidate(command: Command): Command {
  command
    .description(
      "Checks OME-Zarr images in folders and archives against every rule of RFC-9, ZIP, Zarr and OME-Zarr, and reports what conforms and what does not.",
    )
    .argument("<paths...>", "OME-Zarr folders, .ozx files or zips, or addresses of them")
    .option("--deep", "also read all data: check checksums and shard indices, decode every chunk")
    .option("-j, --jobs <n>", "threads that decode with --deep; by default one for each processor", parseJobs)
    .option("--strict", "treat warnings as errors")
    .option("-v, --verbose", "show examples of what is recommended, and what to do about each kind")
    .option("--json", "print one JSON object (docs/validate-json.md)")
    .option("--jsonl", "print one JSON object for each finding, as soon as it is found")
    .option("-q, --quiet", "print only errors and, for several files, the names of those that are not valid")
    .action(async (paths: string[], flags: ValidateFlags) => {
      if (flags.json && flags.jsonl)
        throw new UsageError("--json and --jsonl cannot be used together: leave out one of them");
      process.exitCode = await validate(paths, flags, createOutput(flags));
    });
  return withHelp(withHttpOptions(command), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx validate image.ozx"],
    ["ozx validate --deep --strict *.ozx"],
    [`ozx validate --jsonl image.ozx | grep '"severity":"error"'`],
  ],
  exitCodes: [
    "0 valid, perhaps with warnings",
    "1 errors (with --strict: warnings)",
    "3 missing or unreadable",
    "4 nothing to check",
    "75 changed while it was read; for several files, the highest",
  ],
};

async function validate(paths: readonly string[], flags: ValidateFlags, out: Output): Promise<number> {
  const { deep = false, strict = false, verbose = false } = flags;
  const { json = false, jsonl = false, quiet = false } = flags;
  const outcomes: PathOutcome[] = [];
  const totals = { valid: 0, invalid: 0, unchecked: 0, kinds: new Map<string, number>() };
  let code: number = EXIT.ok;
  const servers = httpOptions(flags, paths);
  const workers = deep ? createChunkWorkers({ workers: flags.jobs }) : undefined;
  for (const path of paths) {
    const outcome = await validateOne(path, { ...flags, workers }, servers);
    const failed = "error" in outcome;
    code = Math.max(
      code,
      failed ? exitCodeFor(outcome.error) : isValid(outcome, { strict }) ? EXIT.ok : EXIT.findings,
    );
    if (quiet && !failed && paths.length > 1 && !isValid(outcome, { strict })) {
      out.error(`${redactAddress(path)} is not valid: ${invalidity(outcome)}`);
    }
    totals[failed ? "unchecked" : isValid(outcome, { strict }) ? "valid" : "invalid"]++;
    if (failed) out.error(formatError(outcome.error));
    else countKinds(outcome, totals.kinds);
    // Only JSON needs all reports at once: those of ten thousand files would fill the memory.
    if (json) outcomes.push(outcome);
    else if (!failed && !jsonl && !quiet)
      out.data(`${renderReport(outcome, { deep, strict, verbose })}${paths.length > 1 ? "\n" : ""}`);
  }
  await workers?.close();
  if (json) out.data(reportsToJson(outcomes, { deep, strict }));
  else if (paths.length > 1 && !jsonl && !quiet) out.data(renderTotals(totals));
  return code;
}

/** Adds the rules that an input does not keep to the number of inputs that do not keep them. */
function countKinds({ groups }: PathReport, kinds: Map<string, number>): void {
  const rules = groups.filter(({ severity }) => severity !== "info").map(({ rule }) => rule);
  for (const rule of new Set(rules)) kinds.set(rule, (kinds.get(rule) ?? 0) + 1);
}

function invalidity({ counts: { errors, warnings } }: PathReport): string {
  return errors > 0 ? plural(errors, "error") : plural(warnings, "warning");
}

async function validateOne(
  path: string,
  { deep, json, jsonl, quiet, workers }: ValidateFlags & Pick<ValidateOptions, "workers">,
  servers: HttpOpening,
): Promise<PathOutcome> {
  const progress = deep && !json && !jsonl && !quiet ? await createCheckProgress(path) : undefined;
  try {
    return await interruptible((signal) =>
      validatePath(path, {
        ...{ ...servers, signal, deep, workers, onProgress: progress?.update },
        onFinding: jsonl ? (finding, set) => writeLine(findingToJson(path, finding, set), signal) : undefined,
      }),
    );
  } catch (error) {
    if (!isOzxError(error)) throw error;
    return { path, error };
  } finally {
    progress?.clear();
  }
}

/** Prints a line, and waits for a reader that is slower than the check, so that findings do not fill the memory. */
function writeLine(line: string, signal: AbortSignal): void | Promise<void> {
  if (process.stdout.write(`${line}\n`)) return;
  return once(process.stdout, "drain", { signal }).then(() => {});
}

/**
 * Checks the folder or file at a path or address. A file is not opened as a store first, because it may be damaged.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError when there is nothing to check
 * @throws SourceChangedError when it changes while it is read
 */
export async function validatePath(
  path: string,
  options: Omit<ValidateOptions, "formats"> & Pick<OpenPathOptions, "openHttp"> = {},
): Promise<PathReport> {
  const located = await locatePath(path, { ...options, formats });
  const subject = located.kind === "folder" ? located.store : located.source;
  try {
    const report = await validateOmeZarr(subject, { ...options, formats });
    const interrupted = interruptedGrowth(path);
    const notes = interrupted === undefined ? report.notes : [...report.notes, `${path}: ${interrupted}.`];
    return { path, ...report, notes };
  } finally {
    await subject.close();
  }
}

/** Progress of a check that reads all data: a file is read for its checksums and again to decode it, a folder once. */
export async function createCheckProgress(path: string): Promise<ProgressReporter | undefined> {
  const bytes = await bytesToRead(path);
  if (bytes === undefined) return undefined;
  return createProgress(process.stderr, { verb: "Checking", bytes });
}

/** Undefined where nothing is at the path, which the check itself reports. */
async function bytesToRead(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return found.size * 2;
  if (!found?.isDirectory()) return undefined;
  const store = await openDirectoryStore(path);
  let bytes = 0;
  try {
    for await (const { size } of store.list()) bytes += size;
  } catch {
    return undefined;
  }
  return bytes;
}
