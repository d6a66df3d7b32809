import { parseCodecRequest } from "@ozx/convert";
import { type Command, Option } from "commander";
import { addRecutOptions, methodOption } from "./recut-options.js";
import { addSelectOptions, parseShardOption } from "./transfer-options.js";

/** Adds the options that say what of an image is written, and how: of `convert`, and of `plan`. */
export function addConversionOptions(command: Command): Command {
  command
    .option(
      "--shard <shape>",
      "store many chunks in one entry: auto, or a shape as in z=8,y=2048,x=2048; none stores each by itself",
      parseShardOption,
    )
    .option(
      "--codec <codec>",
      "recompress the pixels: zstd:5, blosc:lz4:5:shuffle, gzip:6, none",
      parseCodecRequest,
    )
    .option("--pyramid", "add missing lower-resolution levels, down to about 256 pixels")
    .addOption(methodOption());
  return addRecutOptions(addSelectOptions(command))
    .addOption(
      new Option("--ome-zarr-version <version>", "the version to write; 0.4 only into a folder").choices([
        "0.4",
        "0.5",
        "0.6",
      ]),
    )
    .option(
      "--allow-missing",
      "go on where an image lists a level that has no array, or pixels of a TIFF are missing or damaged, which become 0, and say so",
    )
    .option(
      "--allow-damaged",
      "read and decode every chunk first, and leave out those that are damaged: they become fill values, and are counted",
    );
}
