import { once } from "node:events";
import { stat } from "node:fs/promises";
import {
  isOzxError,
  isValid,
  plural,
  redactAddress,
  UsageError,
  type ValidateOptions,
  validateOmeZarr,
} from "@ozx/core";
import { locate, type OpenPathOptions, openDirectoryStore } from "@ozx/core/node";
import { Command } from "commander";
import { formats } from "../formats.js";
import { type HttpFlags, type HttpOpening, httpOptions } from "../options/http-options.js";
import {
  findingToJson,
  type PathOutcome,
  type PathReport,
  renderReport,
  renderTotals,
  reportsToJson,
} from "../render/validation-report.js";
import { EXIT, exitCodeFor, formatError, interruptible } from "../terminal/exit.js";
import { createOutput, type Output } from "../terminal/output.js";
import { createProgress, type ProgressReporter } from "../terminal/progress.js";
import { examples, exitCodes, helpText } from "../terminal/text-layout.js";

interface ValidateFlags extends HttpFlags {
  readonly deep?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
  readonly jsonl?: boolean;
  readonly quiet?: boolean;
}

export function validateCommand(): Command {
  return new Command("validate")
    .summary("check an image and its archive against RFC-9, Zarr and OME-Zarr")
    .description(
      "Checks OME-Zarr images in folders and archives against every rule of RFC-9, ZIP, Zarr and OME-Zarr, and says what conforms as well as what does not.",
    )
    .argument("<paths...>", "OME-Zarr folders, .ozx files or zips, or addresses of them")
    .option("--deep", "also read all data: checksums, shard indices, every chunk decoded")
    .option("--strict", "fail for warnings too")
    .option("--json", "print one JSON object (docs/validate-json.md)")
    .option("--jsonl", "print one JSON object a finding, as they are found")
    .option("-q, --quiet", "print nothing but what cannot be read and, of several files, which are not valid")
    .addHelpText(
      "after",
      helpText(
        examples([
          ["ozx validate image.ozx"],
          ["ozx validate --deep --strict *.ozx"],
          [`ozx validate --jsonl image.ozx | grep '"severity":"error"'`],
        ]),
        exitCodes([
          "0 valid, perhaps with warnings",
          "1 errors (with --strict: warnings)",
          "3 missing or unreadable",
          "4 nothing that could be checked",
          "75 changed meanwhile; of several files, the highest",
        ]),
      ),
    )
    .action(async (paths: string[], flags: ValidateFlags) => {
      if (flags.json && flags.jsonl) throw new UsageError("--json and --jsonl exclude each other: give one");
      process.exitCode = await validate(paths, flags, createOutput(flags));
    });
}

async function validate(paths: readonly string[], flags: ValidateFlags, out: Output): Promise<number> {
  const { deep = false, strict = false, json = false, jsonl = false, quiet = false } = flags;
  const outcomes: PathOutcome[] = [];
  const totals = { valid: 0, invalid: 0, unchecked: 0 };
  let code: number = EXIT.ok;
  const servers = httpOptions(flags, paths);
  for (const path of paths) {
    const outcome = await validateOne(path, flags, servers);
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
    // Reports of ten thousand files are not kept to be forgotten.
    if (json) outcomes.push(outcome);
    else if (!failed && !jsonl && !quiet)
      out.data(`${renderReport(outcome, { deep })}${paths.length > 1 ? "\n" : ""}`);
  }
  if (json) out.data(reportsToJson(outcomes, { deep, strict }));
  else if (paths.length > 1 && !jsonl && !quiet) out.data(renderTotals(totals));
  return code;
}

function invalidity({ counts: { errors, warnings } }: PathReport): string {
  return errors > 0 ? plural(errors, "error") : plural(warnings, "warning");
}

async function validateOne(
  path: string,
  { deep, json, jsonl, quiet }: ValidateFlags,
  servers: HttpOpening,
): Promise<PathOutcome> {
  const progress = deep && !json && !jsonl && !quiet ? await createCheckProgress(path) : undefined;
  try {
    return await interruptible((signal) =>
      validatePath(path, {
        ...{ ...servers, signal, deep, onProgress: progress?.update },
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

/** Waits for a reader that is slower than the check, so that findings do not pile up in memory. */
function writeLine(line: string, signal: AbortSignal): void | Promise<void> {
  if (process.stdout.write(`${line}\n`)) return;
  return once(process.stdout, "drain", { signal }).then(() => {});
}

/**
 * Checks what is at a path or address. A file is not opened as what it is before that: it may be damaged.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError where there is nothing that could be checked, and
 * SourceChangedError where it changes meanwhile
 */
export async function validatePath(
  path: string,
  options: Omit<ValidateOptions, "formats"> & Pick<OpenPathOptions, "openHttp"> = {},
): Promise<PathReport> {
  const located = await locate(path, { ...options, formats });
  const subject = located.kind === "folder" ? located.store : located.source;
  try {
    return { path, ...(await validateOmeZarr(subject, { ...options, formats })) };
  } finally {
    await subject.close();
  }
}

/**
 * Progress of a check that reads all data. Of a file it is read twice, once for its checksums and once to decode
 * it; of a folder once.
 */
export async function createCheckProgress(path: string): Promise<ProgressReporter | undefined> {
  const bytes = await bytesToRead(path);
  if (bytes === undefined) return undefined;
  return createProgress(process.stderr, { verb: "Checking", bytes });
}

/** Undefined for what is not there: the check itself says so. */
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
