import { statSync } from "node:fs";
import type { ReadOptions } from "@ozx/core";
import { UsageError } from "@ozx/core";
import { formatBytes, plural, redactAddress } from "@ozx/core/internal";
import { isAddress } from "@ozx/core/internal/node";
import type { Command } from "commander";
import { renderLost } from "../render/lost-values.js";
import { oneOfEachKind } from "../render/one-of-each-kind.js";
import { findSalvage, type Salvage, type WrittenSalvage, writeSalvage } from "../salvage-archive.js";
import { EXIT } from "../terminal/exit-codes.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible, OUTPUT_UNCHANGED } from "../terminal/interruption.js";
import { createOutput, type Output } from "../terminal/output.js";

interface SalvageFlags {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

export function defineSalvage(command: Command): Command {
  command
    .description(
      "Writes what can be read of a damaged archive into a new one, and lists what is lost. Where the central directory is gone or wrong, entries are found by their own headers. Every entry is kept whose CRC is right; nothing is decoded.",
    )
    .argument("<damaged>", "an .ozx or another zip")
    .argument("[output]", "a name ending in .ozx; in .zip to keep entries that are not OME-Zarr any more")
    .option("--json", "print what is found and lost as JSON")
    .option("-n, --dry-run", "only list what is lost; no output is needed")
    .option("-f, --force", "replace the output if it exists")
    .option("-q, --quiet", "print nothing but errors; the exit code is the result")
    .action(async (damaged: string, output: string | undefined, flags: SalvageFlags) => {
      process.exitCode = await salvage(damaged, output, flags);
    });
  return withHelp(command, HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx salvage damaged.ozx saved.ozx", "exit code 0: all of it is saved, 1: something is lost"],
    ["ozx salvage --dry-run damaged.ozx", "only list what is lost"],
    ["ozx salvage --json damaged.ozx saved.ozx > lost.json", "every lost chunk by array and position"],
    ["ozx convert --allow-damaged image.zarr image.ozx", "for folders, and for chunks that do not decode"],
  ],
  notes: [
    "Lost is what the directory or a header names and cannot be read. A file that was cut off can lack entries that nothing names any more; ozx info shows what is left.",
    "Lost chunks read as fill values, like chunks that were never written.",
  ],
};

async function salvage(damaged: string, output: string | undefined, flags: SalvageFlags): Promise<number> {
  const { json = false, dryRun = false, force = false, quiet = false } = flags;
  checkPaths(damaged, output, dryRun);
  const out = createOutput({ quiet });
  return interruptible(
    async (signal) => {
      const found = await findSalvage(damaged, { signal, quiet: quiet || json });
      try {
        if (!json && !quiet) report(damaged, found, out);
        const written = await writeOutput(found, dryRun ? undefined : output, { force, quiet, signal });
        if (json) out.data(JSON.stringify(toJson(damaged, output, found, written), undefined, 2));
        if (output !== undefined && written !== undefined) reportWritten(output, written, out);
      } finally {
        await found.found.store.close();
      }
      return found.found.lost.length === 0 ? EXIT.ok : EXIT.findings;
    },
    dryRun ? {} : { aftermath: OUTPUT_UNCHANGED },
  );
}

function checkPaths(damaged: string, output: string | undefined, dryRun: boolean): void {
  for (const path of [damaged, output ?? ""]) {
    if (!isAddress(path)) continue;
    throw new UsageError(`salvage reads and writes files: download ${redactAddress(path)} first`);
  }
  if (output === undefined && !dryRun) {
    throw new UsageError(
      'salvage needs an output, as in "ozx salvage damaged.ozx saved.ozx"; --dry-run only lists what is lost',
    );
  }
  if (output !== undefined && isSameFile(damaged, output)) {
    throw new UsageError(
      `salvage does not replace ${damaged}, which may be the only copy of what cannot be read: give another output`,
    );
  }
  if (output === undefined || /\.(?:ozx|zip)$/i.test(output)) return;
  throw new UsageError(
    `salvage writes an archive, and ${output} does not have the name of one: end it in .ozx`,
  );
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

async function writeOutput(
  found: Salvage,
  output: string | undefined,
  { force, quiet, signal }: ReadOptions & { readonly force: boolean; readonly quiet: boolean },
): Promise<WrittenSalvage | undefined> {
  return output === undefined ? undefined : writeSalvage(found, output, { overwrite: force, quiet, signal });
}

function report(damaged: string, { found, lost }: Salvage, out: Output): void {
  const { entries, restored, noDirectory } = found;
  if (noDirectory !== undefined) {
    out.note(
      `The entries were found by their own headers, because the directory cannot be read: ${noDirectory}.`,
    );
  }
  const count = found.lost.length;
  out.data(
    `${damaged}: ${plural(entries, "entry", "entries")} can be read, ${count === 0 ? "none is lost" : `${plural(count, "is", "are")} lost`}`,
  );
  for (const line of renderLost(lost)) out.data(`  ${line}`);
  for (const key of restored) {
    out.data(`  ${key.slice(1)} was lost, and is restored from the copy in a document above it`);
  }
}

function reportWritten(
  output: string,
  { entries, bytes, findings, invalid }: WrittenSalvage,
  out: Output,
): void {
  for (const text of oneOfEachKind(findings)) out.note(text);
  out.note(`${output}: ${plural(entries, "entry", "entries")}, ${formatBytes(bytes)}`);
  if (invalid !== undefined) out.note(invalid.message);
}

/** What `--json` prints; docs/command-line.md describes it. */
function toJson(
  damaged: string,
  output: string | undefined,
  { found, lost }: Salvage,
  written?: WrittenSalvage,
) {
  return {
    input: damaged,
    output: written === undefined ? null : output,
    directory: found.noDirectory === undefined,
    entries: found.entries,
    lost: found.lost.length,
    restored: found.restored.map((key) => key.slice(1)),
    arrays: lost.arrays.map(({ path, unit, chunks }) => ({
      path: path.slice(1),
      unit,
      lost: chunks.map(({ key, position, reason }) => ({ key: key.slice(1), position, reason })),
    })),
    documents: lost.documents.map(({ key, reason, unreachable }) => ({
      key: key.slice(1),
      reason,
      unreachable,
    })),
    others: lost.others.map(({ key, reason }) => ({ key: key.slice(1), reason })),
  };
}
