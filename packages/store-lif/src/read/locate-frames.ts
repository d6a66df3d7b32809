import type { ReadOptions } from "@ozx/core";
import type { LifChannel, LifElement, LifFrame } from "../parse/elements.js";
import { resolveReference } from "../parse/project-xml.js";
import { type BlockPart, joinParts } from "./joined-source.js";
import { type FileBlock, locateLof } from "./lif-file.js";
import { locateJpeg } from "./locate-jpeg.js";
import { locateTiff } from "./locate-tiff.js";
import { inTurn, type ProjectFiles } from "./project-files.js";

/** The block of an image whose pixels are in files of their own; why it cannot be read, as the end of a sentence about it. */
export async function frameBlock(
  files: ProjectFiles,
  { frames, channels }: LifElement,
  from: string,
  options?: ReadOptions,
): Promise<FileBlock | string> {
  if (frames.length === 0) return "has no files with its pixels";
  const unplaced = frames.find(({ offset, size }) => Number.isNaN(offset + size));
  if (unplaced !== undefined) return `has its pixels in ${unplaced.file}, without a place for them`;
  const sorted = [...frames].sort((a, b) => a.offset - b.offset);
  const located = await inTurn(sorted, (frame) => locateFrame(files, frame, { channels, from }, options));
  const reason = located.find((one) => typeof one === "string");
  if (reason !== undefined) return `has its pixels in ${reason}`;
  const parts = located.filter((one) => typeof one === "object").flat();
  return joinParts(parts, files.name) ?? "has parts of its pixels in no file";
}

/** What finds the pixels of pictures, by how their names end. */
const PICTURES = [
  [/\.tiff?$/i, locateTiff],
  [/\.jpe?g$/i, locateJpeg],
] as const;

/** Where a part of a block is; why it cannot be read, as a file and what is wrong with it. */
async function locateFrame(
  files: ProjectFiles,
  { file, offset, size }: LifFrame,
  { channels, from }: { readonly channels: readonly LifChannel[]; readonly from: string },
  options?: ReadOptions,
): Promise<BlockPart[] | string> {
  const path = resolveReference(from, file);
  if (path === undefined) return `${file}, which is not in the folder of ${files.name}`;
  const isLof = /\.lof$/i.test(path);
  const locatePicture = PICTURES.find(([suffix]) => suffix.test(path))?.[1];
  if (!isLof && locatePicture === undefined) return `${path}, which is no LOF, TIFF or JPEG`;
  const source = await files.open(path, options);
  if (source === undefined) return `${path}, which is not there`;
  if (locatePicture === undefined) {
    const lof = await locateLof(source, options);
    return lof === undefined
      ? `${path}, which is damaged`
      : [{ ...lof, at: offset, size: Math.min(size, lof.size) }];
  }
  const runs = await locatePicture(source, { channels, kept: files.decoded }, options);
  if (typeof runs === "string") return `${path}, ${runs}`;
  let at = offset;
  const parts = runs.map((run) => {
    const part = { ...run, at };
    at += run.size;
    return part;
  });
  return at - offset === size
    ? parts
    : `${path}, which has ${at - offset} bytes of pixels instead of ${size}`;
}
