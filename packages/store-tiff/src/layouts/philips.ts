import type { Finding, ReadOptions } from "@ozx/core";
import { micrometers, parseXml } from "@ozx/virtual";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { ImageLevel, Layout } from "./layout.js";
import { isLowerResolution } from "./planes.js";
import { apartFinding } from "./slide.js";

/** The distance between pixels along y and x, in millimetres. */
type Spacing = readonly [number, number];

/** Pages of a slide: its levels, a label and a macro image. */
const MOST_PAGES = 256;

/**
 * A slide by Philips: its XML lists the distance between the pixels of each level. Levels are filled up to whole tiles, and
 * how much of them is the picture follows from the distances.
 *
 * @returns undefined for other files
 */
export async function philipsLayout(
  file: TiffFile,
  first: Page,
  options?: ReadOptions,
): Promise<Layout | undefined> {
  const software = await file.text(first.ifd, TAG.Software, options);
  const description = await file.text(first.ifd, TAG.ImageDescription, options);
  if (!software?.startsWith("Philips DP") || !description?.trimEnd().endsWith("</DataObject>"))
    return undefined;
  const spacings = await readSpacings(description, file.name, options);
  const table = await file.pages(options);
  const levels: ImageLevel[] = [];
  const apart: Page[] = [];
  for (const offset of table.offsets.subarray(0, Math.min(table.count, MOST_PAGES))) {
    const page = await file.page(offset, options);
    const text = offset === first.ifd.offset ? "" : await file.text(page.ifd, TAG.ImageDescription, options);
    const isPicture = page.segments.tiled && !/^(?:Macro|Label)/.test(text ?? "");
    const shown = isPicture ? shownPart(page, levels, spacings) : undefined;
    if (shown === undefined) apart.push(page);
    else levels.push(levelOf(file, shown));
  }
  if (levels.length === 0) throw file.fault("has no tiled page");
  const findings: Finding[] = apart.length > 0 ? [apartFinding(file.name, apart)] : [];
  const [y, x] = spacings[0] ?? [];
  return {
    title: "Philips TIFF",
    images: [
      {
        sizes: { t: 1, c: 1, z: 1 },
        levels,
        scale: { y: micrometers(y && 1000 * y), x: micrometers(x && 1000 * x) },
      },
    ],
    findings,
  };
}

/** The part of a page that is the picture at the next level; undefined where it is none. */
function shownPart(
  page: Page,
  levels: readonly ImageLevel[],
  spacings: readonly Spacing[],
): Page | undefined {
  const [full, last] = [levels[0]?.page, levels.at(-1)?.page];
  if (full === undefined || last === undefined) return page;
  const [own, base] = [spacings[levels.length], spacings[0]];
  if (own === undefined || base === undefined) return undefined;
  const height = Math.floor(full.height / Math.round(own[0] / base[0]));
  const width = Math.floor(full.width / Math.round(own[1] / base[1]));
  const { segments } = page;
  // What is filled up is less than a tile.
  const isFilledUp =
    page.height >= height &&
    page.height - height < segments.height &&
    page.width >= width &&
    page.width - width < segments.width;
  const shown = { ...page, width, height };
  return width > 0 && height > 0 && isFilledUp && isLowerResolution(shown, last) ? shown : undefined;
}

function levelOf(file: TiffFile, page: Page): ImageLevel {
  return {
    ...{ file, page, isUniform: true },
    planes: { at: (index) => (index === 0 ? { file, ifd: page.ifd.offset, page } : undefined) },
  };
}

/** The distances of the levels, in their order: texts such as `"0.000226" "0.000226"`. */
async function readSpacings(text: string, name: string, options?: ReadOptions): Promise<Spacing[]> {
  const spacings: Spacing[] = [];
  /** The types of the objects that are open. */
  const objects: string[] = [];
  let isSpacing = false;
  let found = "";
  await parseXml(
    new TextEncoder().encode(text),
    { location: name, what: "the description" },
    {
      open(element, attributes) {
        if (element === "DataObject") objects.push(attributes["ObjectType"] ?? "");
        isSpacing =
          element === "Attribute" &&
          attributes["Name"] === "DICOM_PIXEL_SPACING" &&
          objects.at(-1) === "PixelDataRepresentation";
        found = "";
      },
      text(piece) {
        if (isSpacing) found += piece;
      },
      close(element) {
        if (element === "DataObject") objects.pop();
        if (!isSpacing) return;
        isSpacing = false;
        const [y = 0, x = 0] = found.replaceAll('"', " ").trim().split(/\s+/).map(Number);
        if (y > 0 && x > 0 && Number.isFinite(y) && Number.isFinite(x)) spacings.push([y, x]);
      },
    },
    options,
  );
  return spacings;
}
