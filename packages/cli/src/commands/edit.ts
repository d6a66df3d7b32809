import type { AcquisitionEdit, AxisEdit, ChannelEdit, MetadataEdit, WellMove } from "@ozx/convert";
import { UsageError } from "@ozx/core";
import { redactAddress } from "@ozx/core/internal";
import { isAddress } from "@ozx/core/internal/node";
import type { Command } from "commander";
import { editMetadata, readMetadata, showEdit, undoEdit } from "../convert/edit-metadata.js";
import {
  collectAcquisition,
  collectChannel,
  collectDropped,
  collectMoved,
  collectRenamed,
  parseScale,
  parseUnit,
  type UnitOption,
} from "../options/edit-options.js";
import { toKey } from "../options/key-argument.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible, OUTPUT_UNCHANGED } from "../terminal/interruption.js";
import { createOutput } from "../terminal/output.js";

interface EditFlags {
  readonly path?: string;
  readonly name?: string;
  readonly scale?: ReadonlyMap<string, AxisEdit>;
  readonly unit?: UnitOption;
  readonly channel?: readonly ChannelEdit[];
  readonly renameChannel?: readonly ChannelEdit[];
  readonly dropChannel?: readonly ChannelEdit[];
  readonly renameWell?: readonly WellMove[];
  readonly acquisition?: readonly AcquisitionEdit[];
  readonly from?: string;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
}

export function defineEdit(command: Command): Command {
  command
    .description(
      "Changes metadata of an image or plate where it is: only documents are written, and no pixels. Interrupted at any moment, an .ozx is as it was before or as it is after.",
    )
    .argument("<target>", "an .ozx or a folder")
    .option("--path <path>", "one node of it: an image such as B/03/0, a label image such as labels/cells")
    .option("--name <name>", "the name of the image or plate")
    .option(
      "--scale <scale>",
      "the size of a pixel, as in z=2,y=0.65,x=0.65; lower levels and label images follow",
      parseScale,
    )
    .option(
      "--unit <unit>",
      "the unit of the axes of space, as in micrometer; or z=micrometer,t=second",
      parseUnit,
    )
    .option(
      "--channel <channel>",
      "what changes of a channel: 0:name=DNA,color=00FFFF,window=0..700,active=true; may be given again",
      collectChannel,
    )
    .option(
      "--rename-channel <names>",
      "the old and the new name, as in Actin=F-actin; may be given again",
      collectRenamed,
    )
    .option(
      "--drop-channel <channel>",
      "hide a channel, by number or name: its pixels and its place in the list stay; may be given again",
      collectDropped,
    )
    .option(
      "--rename-well <wells>",
      "the old and the new place, as in A/1=B/3; may be given again",
      collectMoved,
    )
    .option(
      "--acquisition <acquisition>",
      "what changes of an acquisition, also of one that only wells name: 0:name=day1,description=first; may be given again",
      collectAcquisition,
    )
    .option(
      "--from <file>",
      "the JSON that ozx info --edit prints, with other values; - is the standard input",
    )
    .option("--undo", "restore the documents before the last edit")
    .option("-n, --dry-run", "only print what would change")
    .option("-q, --quiet", "print nothing but errors")
    .action((target: string, flags: EditFlags) => edit(target, flags));
  return withHelp(command, HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx edit image.ozx --scale z=2,y=0.65,x=0.65 --unit micrometer"],
    ["ozx edit image.ozx --channel 0:name=DNA,color=00FFFF,window=0..700"],
    ["ozx edit image.ozx --rename-channel Actin=F-actin --drop-channel 3"],
    ["ozx edit plate.ozx --rename-well A/1=B/3 --acquisition 0:name=day1"],
    ["ozx info --edit image.ozx > m.json && ozx edit image.ozx --from m.json", "all of it, in an editor"],
    ["ozx edit image.ozx --undo", "the documents before the last edit"],
  ],
  notes: [
    "An edit whose result would not be valid is refused, and the rule is named. Axes and channels of a plate are those of all its images, or of the one at --path. The last edit can be undone while .NAME.undo is beside the target.",
  ],
};

async function edit(target: string, flags: EditFlags): Promise<void> {
  const { undo = false, dryRun = false, quiet = false, from } = flags;
  const out = createOutput(flags);
  if (isAddress(target)) {
    throw new UsageError(
      `edit cannot change what is on a server: "ozx convert ${redactAddress(target)} image.ozx" downloads it`,
    );
  }
  const edits = editsIn(flags);
  if (undo && (edits.length > 0 || from !== undefined))
    throw new UsageError(
      "--undo restores what was there before, and cannot be used together with other changes: leave them out",
    );
  if (!undo && edits.length === 0 && from === undefined)
    throw new UsageError(
      "give what to change, as in --scale y=0.65,x=0.65, --name or --from; ozx edit --help lists all",
    );
  await interruptible(
    async (signal) => {
      const request = undo
        ? undefined
        : { edits, from: from === undefined ? undefined : await readMetadata(from) };
      if (dryRun) return showEdit(target, request, out, signal);
      return request === undefined
        ? undoEdit(target, out, { quiet, signal })
        : editMetadata(target, request, out, { quiet, signal });
    },
    dryRun ? {} : { aftermath: OUTPUT_UNCHANGED },
  );
}

/** What the options ask for; nothing where none of them does. */
function editsIn(flags: EditFlags): MetadataEdit[] {
  const { name, scale = new Map(), unit, renameWell: wells, acquisition: acquisitions } = flags;
  const channels = [...(flags.renameChannel ?? []), ...(flags.channel ?? []), ...(flags.dropChannel ?? [])];
  if (name === "") throw new UsageError("--name takes a text, as in --name 'My plate'");
  const axes = new Map<string, AxisEdit>(scale);
  for (const [axis, one] of unit?.axes ?? []) axes.set(axis, { ...axes.get(axis), ...one });
  const edit: MetadataEdit = {
    name,
    unit: unit?.unit,
    axes: axes.size > 0 ? axes : undefined,
    channels: channels.length > 0 ? channels : undefined,
    acquisitions,
    wells,
  };
  if (Object.values(edit).every((value) => value === undefined)) return [];
  return [{ ...edit, path: toKey(flags.path ?? "") }];
}
