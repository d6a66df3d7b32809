import { UsageError } from "@ozx/core";
import { redactAddress } from "@ozx/core/internal";
import { isAddress } from "@ozx/core/internal/node";
import type { Command } from "commander";
import { type AppendRequest, appendImages, showAppend } from "../convert/append-images.js";
import { placeInputs } from "../convert/merge-inputs.js";
import { type HttpFlags, httpOptions, withHttpOptions } from "../options/http-options.js";
import { parseAcquisition, parseWell } from "../options/well-option.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible, OUTPUT_UNCHANGED } from "../terminal/interruption.js";
import { createOutput } from "../terminal/output.js";

interface AppendFlags extends HttpFlags {
  readonly well?: ReturnType<typeof parseWell>;
  readonly acquisition?: number;
  readonly layout?: string;
  readonly along?: string;
  readonly dryRun?: boolean;
}

export function defineAppend(command: Command): Command {
  command
    .description(
      "Adds images to a plate or a collection where it is, or continues an image along an axis: in an .ozx behind the data, in a folder as files. What is there is neither copied nor decoded. Interrupted at any moment, it is as it was before or has all that is added.",
    )
    .argument("<target>", "the .ozx or folder of a plate or collection; with --along, of an image")
    .argument("<paths...>", "images, and for a plate also wells and plates")
    .option(
      "--well <well>",
      "the well of the images, as in B/4; as B/4/1 with the name of the field",
      parseWell,
    )
    .option("--acquisition <id>", "the acquisition of the images, by its number", parseAcquisition)
    .option(
      "--layout <file>",
      "a table of the positions, as CSV with the columns path,row,column,field,acquisition",
    )
    .option("--along <axis>", "continue an image along this axis, as in t, by images of the same size")
    .option("-n, --dry-run", "only print what would be added")
    .option("-q, --quiet", "print nothing but errors")
    .action((target: string, inputs: string[], flags: AppendFlags) => append(target, inputs, flags));
  return withHelp(withHttpOptions(command), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx append plate.ozx field.ozx --well B/4", "the next field of a well, which may be new"],
    ["ozx append plate.ozx one.zarr two.zarr --well B/4", "the next fields of a well"],
    ["ozx append plate.ozx wells/B04.ozx wells/C/05.ozx", "wells or fields, placed by their names"],
    ["ozx append plate.ozx other-plate.ozx", "the wells of another plate"],
    ["ozx append collection.ozx scan.ozx", "the next image of a collection"],
    ["ozx append movie.ozx t57.zarr --along t", "the next time points of an image"],
  ],
  notes: [
    "Metadata becomes that of the target's version of OME-Zarr. Label images and tables come along. The documents that list what is added are replaced; in an .ozx the old ones stay as unused bytes.",
  ],
};

async function append(target: string, inputs: readonly string[], flags: AppendFlags): Promise<void> {
  const { well, acquisition, layout, along, dryRun = false, quiet = false } = flags;
  const out = createOutput(flags);
  if (isAddress(target)) {
    throw new UsageError(
      `append cannot change what is on a server: download ${redactAddress(target)}, or write a new plate with ozx merge`,
    );
  }
  if (well !== undefined && layout !== undefined) {
    throw new UsageError("--well and --layout cannot be used together: the layout has the wells");
  }
  if (along !== undefined && (well ?? acquisition ?? layout) !== undefined) {
    throw new UsageError(
      "--along continues an image, which has no place in a plate: leave out --well, --acquisition and --layout",
    );
  }
  await interruptible(
    async (signal) => {
      const placed =
        along === undefined
          ? await placeInputs(inputs, layout, { signal, well, acquisition })
          : inputs.map((input) => ({ input, position: undefined }));
      const request: AppendRequest = { target, placed, quiet, http: httpOptions(flags, inputs) };
      // Each is complete before the next one begins.
      const steps =
        along === undefined ? [request] : placed.map((one) => ({ ...request, placed: [one], along }));
      for (const step of steps) await (dryRun ? showAppend : appendImages)(step, out, signal);
    },
    dryRun ? {} : { aftermath: OUTPUT_UNCHANGED },
  );
}
