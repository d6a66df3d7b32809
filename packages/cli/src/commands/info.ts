import { Command } from "commander";
import { inspect } from "../inspect.js";
import { renderInfo } from "../render/info.js";
import { createOutput } from "../terminal/output.js";
import { interruptible } from "../terminal/signals.js";

export function infoCommand(): Command {
  return new Command("info")
    .summary("say what an image is: axes, levels, channels, scale")
    .description("Says what is in an OME-Zarr folder or archive, from its metadata alone.")
    .argument("<path>", "an OME-Zarr folder, an .ozx or a zip")
    .option("-v, --verbose", "also how the archive follows RFC-9")
    .addHelpText(
      "after",
      `
Examples:
  ozx info image.ozx
  ozx info -v image.ozx`,
    )
    .action(async (path: string, { verbose = false }: { verbose?: boolean }) => {
      const information = await interruptible((signal) => inspect(path, { verbose, signal }));
      createOutput().data(renderInfo(information));
    });
}
