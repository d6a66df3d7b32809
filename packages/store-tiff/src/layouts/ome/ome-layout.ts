import {
  type Finding,
  InvalidMetadataError,
  NotFoundError,
  type ReadOptions,
  UnsupportedError,
} from "@ozx/core";
import { createCache, missingPlanes, type PlaneSizes } from "@ozx/virtual";
import { entryOf } from "../../parse/ifd.js";
import type { Page } from "../../parse/page.js";
import { TAG } from "../../parse/tags.js";
import type { FileSet } from "../../read/file-set.js";
import type { PageTable } from "../../read/page-table.js";
import type { TiffFile } from "../../read/tiff-file.js";
import type { ImageLevel, Layout, PlaneList, TiffImage } from "../layout.js";
import { pagePlanes, subLevels } from "../planes.js";
import { channelsOf, scaleOf } from "./ome-metadata.js";
import type { OmeFile, OmeImage, OmeXml } from "./ome-model.js";
import { plateOf } from "./ome-plate.js";
import { type PlacedPlanes, placePlanes } from "./place-planes.js";

/** OME-XML, with the file that it is in. */
export interface OmeSource {
  readonly xml: OmeXml;
  readonly bytes: Uint8Array;
}

/**
 * The images of OME-XML, whose planes are pages of the file that was opened, and of others beside it.
 *
 * @throws InvalidMetadataError when no image has pixels
 */
export async function omeLayout(
  { xml, bytes }: OmeSource,
  files: FileSet,
  options?: ReadOptions,
): Promise<Layout> {
  const findings: Finding[] = [];
  const images: TiffImage[] = [];
  const kept: OmeImage[] = [];
  const { first } = files;
  const isRenamed = await wasRenamed(xml, files, options);
  for (const image of xml.images) {
    const opened = await openImage(image, { xml, files, isRenamed, findings }, options);
    if (opened === undefined) continue;
    images.push(opened);
    kept.push(image);
  }
  if (images.length === 0) {
    throw new InvalidMetadataError(`the OME-XML of ${first.name} lists no image with pixels`, {
      location: first.name,
    });
  }
  return {
    title: first.header.big ? "OME-TIFF (BigTIFF)" : "OME-TIFF",
    images,
    plate: plateOf({ ...xml, images: kept }, first.name, findings),
    omeXml: bytes,
    otherFiles: xml.images.some(({ blocks }) => blocks.files.length > 1),
    findings,
  };
}

/** What is known while images are opened. */
interface OmeContext {
  readonly xml: OmeXml;
  readonly files: FileSet;
  readonly isRenamed: boolean;
  readonly findings: Finding[];
}

/** Whether all planes are in one file, which is not there under its name: then it is the one that was opened. */
async function wasRenamed({ images }: OmeXml, files: FileSet, options?: ReadOptions): Promise<boolean> {
  const all = images.flatMap(({ blocks }) => blocks.files);
  const names = new Set(all.map(({ name, uuid }) => name ?? uuid));
  const [name] = names;
  const isNamed = images.every(({ blocks }) => blocks.file.every((file) => file >= 0));
  if (name === undefined || names.size > 1 || !isNamed) return false;
  const path = baseName(name);
  return path === files.firstName || (await files.tiff(path, options).catch(() => undefined)) === undefined;
}

/** The image; undefined where it has metadata only. */
async function openImage(
  image: OmeImage,
  { xml, files, isRenamed, findings }: OmeContext,
  options?: ReadOptions,
): Promise<TiffImage | undefined> {
  if (image.blocks.count === 0) return undefined;
  const set = imageFiles(image, xml, files, isRenamed);
  const first = await firstPage(image, set, options);
  if (first === undefined) throw noFile(image, files.first);
  const { file, page, table } = first;
  const sizes = planeSizes(image, page);
  const placed = placePlanes(image, sizes, (index) => (set.isOwn(index) ? table.count : undefined));
  if (typeof placed === "string") {
    const what = `${files.first.name} cannot be read: its image ${image.name ?? image.id} ${placed}`;
    throw new UnsupportedError(what, {
      location: files.first.name,
      feature: "more planes than fit into memory",
    });
  }
  if (placed.missing > 0) findings.push(missingPlanes(file.name, placed.missing, placed.pages.length));
  const full: ImageLevel = {
    file,
    page,
    isUniform: isUniform(placed, table, page),
    planes:
      set.count === 0 ? pagePlanes({ file, table, page, numbers: placed.pages }) : setPlanes(placed, set),
  };
  return {
    name: image.name,
    sizes,
    levels: [full, ...(await subLevels(full, options))],
    scale: scaleOf(image),
    significantBits: image.significantBits,
    channels: channelsOf(image, sizes, page.samples, isMicroManager(page)),
  };
}

/** Micro-Manager writes its own tag into each page, and ARGB into the colours of OME-XML. */
function isMicroManager({ ifd }: Page): boolean {
  return entryOf(ifd, TAG.MicroManagerMetadata) !== undefined;
}

/** The files of an image. */
interface ImageFiles {
  /** How many other files than the one with the XML there are. */
  readonly count: number;
  /** Whether an index is that of the file that was opened. */
  isOwn(index: number): boolean;
  /** Undefined where there is no such file. */
  open(index: number, options?: ReadOptions): Promise<TiffFile | undefined>;
  nameOf(index: number): string;
}

function imageFiles({ blocks }: OmeImage, xml: OmeXml, files: FileSet, isRenamed: boolean): ImageFiles {
  const isFirst = ({ name, uuid }: OmeFile): boolean =>
    (xml.uuid !== undefined && uuid === xml.uuid) ||
    (name !== undefined && baseName(name) === files.firstName);
  const own = blocks.files.map((file) => isRenamed || isFirst(file));
  const isOwn = (index: number): boolean => index < 0 || own[index] === true;
  return {
    count: own.filter((isOne) => !isOne).length,
    isOwn,
    async open(index, options) {
      if (isOwn(index)) return files.first;
      const { name } = blocks.files[index] as OmeFile;
      if (name === undefined) return undefined;
      const isInside = !/^(?:[a-z]:|[\\/])/i.test(name) && !name.split(/[\\/]/).includes("..");
      const path = isInside ? name.replaceAll("\\", "/") : baseName(name);
      return (
        (await files.tiff(path, options)) ??
        (path === baseName(name) ? undefined : files.tiff(baseName(name), options))
      );
    },
    nameOf: (index) => blocks.files[index]?.name ?? blocks.files[index]?.uuid ?? "another file",
  };
}

function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** A page of an image that can be read, by which all others are known. */
async function firstPage(
  { blocks }: OmeImage,
  set: ImageFiles,
  options?: ReadOptions,
): Promise<{ file: TiffFile; table: PageTable; page: Page } | undefined> {
  // The file that was opened, if it has planes of the image.
  const order = [...new Set(blocks.file)].sort((a, b) => Number(set.isOwn(b)) - Number(set.isOwn(a)));
  for (const index of order) {
    const file = await set.open(index, options);
    if (file === undefined) continue;
    const table = await file.pages(options);
    const block = blocks.file.indexOf(index);
    const number = Math.max(0, blocks.ifd[block] ?? 0);
    const offset = table.offsets[number];
    if (number >= table.count || offset === undefined) continue;
    return { file, table, page: await file.page(offset, options) };
  }
  return undefined;
}

function noFile(image: OmeImage, { name }: TiffFile): NotFoundError {
  const files = image.blocks.files.map((file) => file.name ?? file.uuid);
  return new NotFoundError(
    `the planes of ${image.name ?? image.id} are not in ${name} but in ${files[0] ?? "another file"}, which is not beside it: copy all files of the set into one folder`,
    { location: name },
  );
}

/** The planes along each axis: SizeC counts the samples of a pixel too. What the TIFF says of these counts. */
function planeSizes({ sizes, channels }: OmeImage, { samples }: Page): PlaneSizes {
  const { z, t, c } = sizes;
  if (samples === 1) return { z, t, c };
  return { z, t, c: c % samples === 0 ? c / samples : Math.max(1, channels.length) };
}

/** Whether all pages in the file of the first one are of its kind. Those of other files are compared when they are read. */
function isUniform({ pages, files }: PlacedPlanes, table: PageTable, page: Page): boolean {
  const number = table.offsets.indexOf(page.ifd.offset);
  if (table.firstOfKind.length === 1 || number < 0) return true;
  const kind = table.kinds[number];
  return pages.every((other, k) => other < 0 || (files[k] as number) >= 0 || table.kinds[other] === kind);
}

/** Files whose pages stay in memory. */
const CACHED_FILES = 512;

/** Planes in several files, which are opened when they are needed. */
function setPlanes({ pages, files }: PlacedPlanes, set: ImageFiles): PlaneList {
  const lists = createCache<number, Promise<{ file: TiffFile; table: PageTable } | undefined>>(CACHED_FILES);
  const open = async (index: number, options?: ReadOptions) => {
    const file = await set.open(index, options);
    return file && { file, table: await file.pages(options) };
  };
  return {
    async at(index, options) {
      const page = pages[index] ?? -1;
      if (page < 0) return undefined;
      const number = files[index] as number;
      const opening = lists.get(number) ?? open(number, options);
      lists.set(number, opening);
      opening.catch(() => lists.delete(number));
      const opened = await opening;
      if (opened === undefined) {
        throw new NotFoundError(
          `${set.nameOf(number)} is missing, which has planes of this image: copy all files of the set into one folder`,
          { location: set.nameOf(number) },
        );
      }
      const { file, table } = opened;
      const ifd = page < table.count ? table.offsets[page] : undefined;
      return ifd === undefined ? undefined : { file, ifd };
    },
  };
}
