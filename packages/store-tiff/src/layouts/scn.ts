import type { Finding, ReadOptions } from "@ozx/core";
import { micrometers, notice, type Quantity } from "@ozx/virtual";
import { entryOf } from "../parse/ifd.js";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import type { PageTable } from "../read/page-table.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { ImageLevel, Layout, TiffImage } from "./layout.js";
import { isLowerResolution, pagePlanes } from "./planes.js";
import { readScnXml, type ScnImage, type ScnPlane } from "./scn-xml.js";

/** Planes along c and z of a level: slides have a dozen. */
const MOST_PLANES = 65_536;
/** Each has at most half the pixels of the one before. */
const MOST_LEVELS = 64;

/**
 * A slide by Leica: its XML says which pages are the planes and levels of which image.
 *
 * @returns undefined for other files
 */
export async function scnLayout(
  file: TiffFile,
  first: Page,
  description: string | undefined,
  options?: ReadOptions,
): Promise<Layout | undefined> {
  const entry = entryOf(first.ifd, TAG.ImageDescription);
  if (entry === undefined || !description?.trimEnd().endsWith("</scn>")) return undefined;
  const xml = await readScnXml(await file.bytes(entry, options), file.name, options);
  const table = await file.pages(options);
  // An image of the whole glass shows its label too.
  const isOverview = ({ view }: ScnImage): boolean =>
    view.offsetX === 0 && view.offsetY === 0 && view.sizeX === xml.sizeX && view.sizeY === xml.sizeY;
  const scanned = xml.images.filter((image) => !isOverview(image));
  const shown = scanned.length > 0 ? scanned : xml.images;
  const images: TiffImage[] = [];
  for (const image of shown) images.push(await imageOf(file, table, image, options));
  if (images.length === 0) throw file.fault("describes no image in its XML (Leica SCN)");
  const findings: Finding[] = [];
  const left = xml.images.length - shown.length + xml.supplemental;
  if (left > 0) {
    findings.push(
      notice(
        "associated-pictures",
        `${file.name} has ${left === 1 ? "1 picture" : `${left} pictures`} of the whole glass, whose label may name a patient: left out.`,
        "Open the file with OpenSlide or QuPath to see them.",
      ),
    );
  }
  return { title: "Leica SCN", images, findings };
}

async function imageOf(
  file: TiffFile,
  table: PageTable,
  { name, planes, view, pixels, attributes }: ScnImage,
  options?: ReadOptions,
): Promise<TiffImage> {
  const count = (of: (plane: ScnPlane) => number): number =>
    planes.reduce((most, plane) => Math.max(most, of(plane)), 0) + 1;
  const sizes = { t: 1, c: count(({ c }) => c), z: count(({ z }) => z) };
  if (sizes.c * sizes.z > MOST_PLANES) throw file.fault(`lists ${sizes.c} channels of ${sizes.z} planes`);
  const levels: ImageLevel[] = [];
  const resolutions = [...new Set(planes.map(({ r }) => r))].sort((a, b) => a - b).slice(0, MOST_LEVELS);
  for (const r of resolutions) {
    const numbers = new Int32Array(sizes.c * sizes.z).fill(-1);
    for (const plane of planes) if (plane.r === r) numbers[plane.c * sizes.z + plane.z] = plane.ifd;
    const present = numbers.filter((number) => number >= 0);
    const [start = -1] = present;
    const offset = table.offsets[start];
    if (offset === undefined || present.some((number) => number >= table.count)) {
      throw file.fault(`has ${table.count} pages, and lists page ${Math.max(...present)} in its XML`);
    }
    const page = await file.page(offset, options);
    const above = levels.at(-1)?.page;
    if (above !== undefined && !isLowerResolution(page, above)) continue;
    const kind = table.kinds[start];
    const isUniform = present.every((number) => table.kinds[number] === kind);
    levels.push({ file, page, isUniform, planes: pagePlanes({ file, table, page, numbers }) });
  }
  const size = (nanometres: number, count: number): Quantity | undefined =>
    nanometres > 0 && count > 0 ? micrometers(nanometres / count / 1000) : undefined;
  return {
    name,
    sizes,
    levels,
    scale: {
      x: size(view.sizeX, pixels.sizeX),
      y: size(view.sizeY, pixels.sizeY),
      z: size(view.spacingZ, 1),
    },
    attributes: Object.keys(attributes).length > 0 ? { leica: attributes } : undefined,
  };
}
