import { open, writeFile } from "node:fs/promises";
import { DestinationExistsError, openOmeZarr, UsageError } from "@ozx/core";
import { writeFailure } from "@ozx/core/internal/node";
import { openPath } from "@ozx/core/node";
import type { Command } from "commander";
import { formats } from "../formats.js";
import { type HttpFlags, httpOptions, withHttpOptions } from "../options/http-options.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible, OUTPUT_UNCHANGED } from "../terminal/interruption.js";
import { createOutput } from "../terminal/output.js";
import { drawThumbnail, THUMBNAIL_SIZE } from "../thumbnail/draw-thumbnail.js";
import { encodePng, PNG_SIGNATURE } from "../thumbnail/encode-png.js";
import { putThumbnailInside } from "../thumbnail/put-inside.js";

interface ThumbnailFlags extends HttpFlags {
  readonly size: number;
  readonly inside?: boolean;
  readonly quiet?: boolean;
}

export function defineThumbnail(command: Command): Command {
  command
    .description(
      "Draws a small picture of an image as PNG, in the colours and contrast of its channels: of a plate, the first field. A PNG that exists is replaced, and no other file. With --inside, the picture becomes a part of the .ozx or folder itself.",
    )
    .argument("<path>", "an OME-Zarr folder, an .ozx, a zip, a TIFF, CZI, ND2 or LIF, or an address of one")
    .argument("[output]", "the PNG to write")
    .option("-s, --size <pixels>", "its longer side at most", parseSize, THUMBNAIL_SIZE)
    .option("--inside", "put it into the .ozx or folder, as Thumbnails/thumbnail.jpg")
    .option("-q, --quiet", "print nothing but errors")
    .action(async (path: string, output: string | undefined, { size, inside, ...flags }: ThumbnailFlags) => {
      if (inside) {
        if (output !== undefined)
          throw new UsageError(`--inside puts the picture into ${path}: leave out ${output}`);
        return interruptible((signal) => putThumbnailInside(path, size, createOutput(flags), signal), {
          aftermath: OUTPUT_UNCHANGED,
        });
      }
      if (output === undefined) throw new UsageError("give the PNG to write, or --inside");
      const servers = httpOptions(flags, [path]);
      await interruptible(async (signal) => {
        const store = await openPath(path, { formats, signal, ...servers });
        const node = await openOmeZarr(store, { formats, signal });
        try {
          const png = encodePng(await drawThumbnail(node, size, { signal }));
          await replacePng(output, png);
        } finally {
          await node.close();
        }
      });
    });
  return withHelp(withHttpOptions(command), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx thumbnail image.ozx image.png"],
    ["ozx thumbnail --size 1024 scan.svs scan.png"],
    ["ozx thumbnail image.ozx --inside", "for programs that show it without reading pixels"],
    ["ozx register", "show thumbnails of .ozx files on the desktop"],
  ],
};

/** A file manager makes an empty file first, so that a file that exists is not an error by itself. */
async function replacePng(output: string, png: Uint8Array): Promise<void> {
  if (!(await isReplaceable(output))) {
    throw new DestinationExistsError(`${output} exists and is not a PNG: give another name`, {
      location: output,
      replaceable: false,
    });
  }
  await writeFile(output, png).catch((error: unknown) => {
    throw writeFailure(error, output);
  });
}

async function isReplaceable(output: string): Promise<boolean> {
  const file = await open(output, "r").catch(() => undefined);
  if (file === undefined) return true;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PNG_SIGNATURE.length), 0);
    return bytesRead === 0 || buffer.equals(PNG_SIGNATURE);
  } finally {
    await file.close();
  }
}

function parseSize(text: string): number {
  const size = Number(text);
  if (/^\d{1,4}$/.test(text) && size >= 16 && size <= 4096) return size;
  throw new UsageError(`--size takes a number of pixels from 16 to 4096, not ${text}`);
}
