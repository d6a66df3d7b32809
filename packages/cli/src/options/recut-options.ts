import {
  type ProjectRequest,
  PYRAMID_METHODS,
  type PyramidMethod,
  parseProjection,
  parseWindow,
  type RescaledType,
  type TransferSelection,
  type ValueWindow,
} from "@ozx/convert";
import { UsageError } from "@ozx/core";
import { type Command, Option } from "commander";
import { parseBytes } from "./parse-bytes.js";
import { parseSizes } from "./parse-sizes.js";

/** The values of the options that recompute chunks. */
export interface RecutFlags {
  readonly chunks?: Readonly<Record<string, number>>;
  readonly project?: ProjectRequest;
  readonly dtype?: RescaledType;
  readonly window?: ValueWindow;
  readonly method?: PyramidMethod;
  readonly memory?: number;
}

/** Adds the options that decode pixels and recompute chunks. */
export function addRecutOptions(command: Command): Command {
  return command
    .option("--chunks <shape>", "other chunks, in pixels by axis as in z=8,y=512,x=512", parseChunks)
    .option(
      "--project <axis=method>",
      "one pixel of all along an axis: z=max, mean, sum or min",
      parseProjection,
    )
    .addOption(
      new Option("--dtype <type>", "rescale the values of images to a data type, from --window").choices([
        "uint8",
        "uint16",
      ]),
    )
    .option(
      "--window <low..high>",
      "the values that become 0 and the largest with --dtype; by default each channel's own",
      parseWindow,
    )
    .option(
      "--memory <size>",
      "how much memory decoded chunks may take, as in 2GB; 512MB by default",
      parseMemory,
    );
}

/** The option that says how levels are made. */
export function methodOption(): Option {
  return new Option("--method <name>", "how levels are made of pixels, by default mean").choices(
    PYRAMID_METHODS,
  );
}

/**
 * What these options ask of a selection.
 *
 * @throws UsageError where a window is given, and nothing that needs one
 */
export function recutSelectionOf({
  chunks,
  project,
  dtype,
  window,
}: RecutFlags): Pick<TransferSelection, "chunks" | "project" | "rescale"> | undefined {
  if (window !== undefined && dtype === undefined) {
    throw new UsageError("--window is for other values: give their data type too, as in --dtype uint8");
  }
  if ((chunks ?? project ?? dtype) === undefined) return undefined;
  return {
    ...(chunks && { chunks }),
    ...(project && { project }),
    ...(dtype && { rescale: { dtype, window } }),
  };
}

/** A part of a selection as text: `chunks of y=512,x=512, z projected by max, uint8`. */
export function describeRecut({ chunks, project, rescale }: TransferSelection): string[] {
  const sizes = Object.entries(chunks ?? {}).map(([axis, pixels]) => `${axis}=${pixels}`);
  const { dtype, window } = rescale ?? {};
  return [
    ...(sizes.length === 0 ? [] : [`chunks of ${sizes.join(",")}`]),
    ...(project === undefined ? [] : [`${project.axis} projected by ${project.method}`]),
    ...(dtype === undefined ? [] : [window ? `${dtype} of ${window.start}..${window.end}` : dtype]),
  ];
}

/** Parses the value of `--chunks`. */
function parseChunks(text: string): Readonly<Record<string, number>> {
  return parseSizes(
    text,
    `--chunks ${JSON.stringify(text)} is not a chunk shape: give sizes in pixels, as in z=8,y=512,x=512`,
  );
}

/** Less is not enough for a few chunks of the usual size. */
const LEAST_MEMORY = 16e6;

function parseMemory(text: string): number {
  const size = parseBytes(text);
  if (size >= LEAST_MEMORY) return size;
  throw new UsageError(`--memory takes a size from 16MB on, as in 2GB, not ${text}`);
}
