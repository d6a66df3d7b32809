import { errorReport, isOzxError, type OzxError } from "@ozx/core";
import { Command } from "commander";
import type { FileReport, InfoReport } from "../inspect/report.js";
import { type InspectOptions, inspect } from "../inspect.js";
import { renderInfo } from "../render/info.js";
import { EXIT, exitCodeFor } from "../terminal/exit-codes.js";
import { examples, helpText, paragraph } from "../terminal/help-text.js";
import { createOutput } from "../terminal/output.js";
import { interruptible } from "../terminal/signals.js";
import { wordsFor } from "../terminal/words.js";
import { type HttpFlags, httpOptions } from "./http-options.js";

interface InfoFlags extends HttpFlags {
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly path?: string;
}

export function infoCommand(): Command {
  return new Command("info")
    .summary("say what is in an image, a plate, an archive")
    .description(
      "Says what is in OME-Zarr folders and archives: axes, levels, channels, scale and sizes, without reading pixels.",
    )
    .argument("<paths...>", "OME-Zarr folders, .ozx files or zips, or addresses of them")
    .option("-v, --verbose", "also the tree of nodes, and how the archive follows RFC-9")
    .option("--path <path>", "look at one node inside, as in B/03: a well, a field, a label image")
    .option("--json", "print all that is known as one JSON object (docs/info-json.md)")
    .addHelpText(
      "after",
      helpText(
        examples([
          ["ozx info image.ozx"],
          ["ozx info -v plate.ozx"],
          ["ozx info plate.ozx --path B/03", "one well of it"],
          ["ozx info --json *.ozx | jq '.files[].images[0].levels[0].array.shape'"],
        ]),
        paragraph(
          "One file that cannot be read does not keep the others from being shown; the exit code is the highest of all.",
        ),
      ),
    )
    .action(async (paths: string[], flags: InfoFlags) => {
      process.exitCode = await interruptible((signal) => info(paths, flags, signal));
    });
}

/** Returns the highest exit code of all files. */
async function info(
  paths: readonly string[],
  { verbose = false, json = false, path: node, ...flags }: InfoFlags,
  signal: AbortSignal,
): Promise<number> {
  const out = createOutput();
  const servers = httpOptions(flags, paths);
  const files: InfoReport["files"][number][] = [];
  let code: number = EXIT.ok;
  for (const [index, path] of paths.entries()) {
    const file = await inspectOrError(path, {
      signal,
      ...servers,
      node,
      withoutArchive: !verbose && !json,
    });
    if (file instanceof Error) {
      code = Math.max(code, exitCodeFor(file));
      out.error(wordsFor(file));
      files.push({ path, error: errorReport(file) });
    } else if (json) files.push(file);
    else out.data(`${index > 0 ? "\n" : ""}${renderInfo(file, { width: terminalWidth(), verbose })}`);
  }
  if (json) {
    const report: InfoReport = { schemaVersion: 1, files };
    out.data(JSON.stringify(report, (_, value: unknown) => (value === undefined ? null : value), 2));
  }
  return code;
}

async function inspectOrError(path: string, options: InspectOptions): Promise<FileReport | OzxError> {
  try {
    return await inspect(path, options);
  } catch (error) {
    if (isOzxError(error)) return error;
    throw error;
  }
}

/** As wide as the terminal; 80 columns where there is none and nobody says otherwise. */
function terminalWidth(): number {
  const columns = process.stdout.columns ?? Number(process.env["COLUMNS"]);
  return columns >= 40 ? columns : 80;
}
