import { UsageError } from "@ozx/core";
import { type Command, Option } from "commander";
import { type ConvertFlags, type ConvertRequest, PIPE, parseRequest } from "../convert/conversion-request.js";
import { convertImage } from "../convert/convert-image.js";
import { nameOfInputs, openMerged, placeInputs } from "../convert/merge-inputs.js";
import { reportConversion } from "../convert/run-conversion.js";
import { httpOptions, withHttpOptions } from "../options/http-options.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible, OUTPUT_UNCHANGED } from "../terminal/interruption.js";
import { claimStdout, createOutput } from "../terminal/output.js";

interface MergeFlags
  extends Pick<
    ConvertFlags,
    "omeZarrVersion" | "verify" | "dryRun" | "force" | "quiet" | "header" | "download" | "maxMetadata"
  > {
  readonly layout?: string;
  readonly name?: string;
  readonly collection?: boolean;
}

export function defineMerge(command: Command): Command {
  command
    .description(
      "Puts images, wells and plates that were made apart into one plate, or images into one collection. Chunks are copied as they are stored, whatever their codec, and label images come along.",
    )
    .argument("<paths...>", "the inputs, then the output, which ends in .ozx, or in .zarr for a folder")
    .usage("[options] <inputs...> <output>")
    .option(
      "--layout <file>",
      "a table of the positions, as CSV with the columns path,row,column,field,acquisition",
    )
    .option("--name <name>", "the name of the plate")
    .option("--collection", "make a collection, also of inputs with the names of wells")
    .addOption(
      new Option("--ome-zarr-version <version>", "the version to write; 0.4 only into a folder").choices([
        "0.4",
        "0.5",
        "0.6",
      ]),
    )
    .option("--verify", "compare the output with the inputs before it replaces anything")
    .option("-n, --dry-run", "only print what would be written")
    .option("-f, --force", "replace the output if it exists")
    .option("-q, --quiet", "print nothing but errors")
    .action((paths: string[], flags: MergeFlags) => merge(paths, flags));
  return withHelp(withHttpOptions(command), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx merge wells/*.ozx plate.ozx", "wells with names such as B03.ozx, or B/03.ozx below a folder"],
    ["ozx merge fields/*/*/*.zarr plate.ozx", "fields with names such as B/03/0.zarr"],
    ["ozx merge plate.ozx --layout layout.csv", "the images of a table, at the positions that it says"],
    ["ozx merge plate-1.ozx plate-2.ozx whole.ozx", "plates with different wells"],
    ["ozx merge scans/*.ozx collection.ozx", "a collection, where no name is that of a well"],
  ],
  notes: [
    "A layout needs the columns path, row and column. Without a field, an image gets the next number in its well. Paths are relative to the folder of the layout.",
  ],
};

async function merge(paths: readonly string[], flags: MergeFlags): Promise<void> {
  const started = performance.now();
  const out = createOutput(flags);
  const inputs = paths.slice(0, -1);
  const output = paths.at(-1) ?? "";
  if (inputs.length === 0 && flags.layout === undefined) {
    throw new UsageError('merge needs inputs and an output, as in "ozx merge wells/*.ozx plate.ozx"');
  }
  const isPipe = output === PIPE;
  if (isPipe && !flags.dryRun) claimStdout();
  const result = await interruptible(
    async (signal) => {
      const placed = await placeInputs(inputs, flags.layout, { signal });
      const request: ConvertRequest = {
        ...parseRequest([nameOfInputs(placed), output], flags),
        open: (opening) =>
          openMerged(
            placed,
            {
              output,
              name: flags.name,
              collection: flags.collection ?? false,
              anyVersion: flags.omeZarrVersion !== undefined,
              http: httpOptions(
                flags,
                placed.map(({ input }) => input),
              ),
            },
            opening,
          ),
      };
      return { request, converted: await convertImage(request, out, signal) };
    },
    { aftermath: isPipe ? undefined : OUTPUT_UNCHANGED },
  );
  if (result.converted === undefined) return;
  const { conversion, written } = result.converted;
  const seconds = (performance.now() - started) / 1000;
  reportConversion(result.request, conversion, { written, seconds, out });
}
