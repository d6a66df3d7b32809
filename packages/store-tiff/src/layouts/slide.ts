import { type Finding, type JsonObject, type ReadOptions, UnsupportedError } from "@ozx/core";
import { entryOf } from "../parse/ifd.js";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import { readText } from "../parse/values.js";
import type { TiffFile } from "../read/tiff-file.js";
import { notice } from "./findings.js";
import type { ChannelMetadata, ImageScale, Layout } from "./layout.js";
import { groupPages, type PageGroup } from "./page-groups.js";
import { isLowerResolution } from "./planes.js";

/** What a slide scanner's file says of itself, besides its pages. */
export interface SlideKind {
  readonly title: string;
  /** What pages of the same size are: focal planes, or channels. */
  readonly axis: "z" | "c";
  readonly scale?: ImageScale | undefined;
  readonly channels?: readonly ChannelMetadata[] | undefined;
  readonly attributes?: JsonObject | undefined;
}

/**
 * A slide: the first page is its full resolution, and later pages of the same proportions are lower ones. The other pages
 * are pictures of the glass and its label, which may name a patient: they are left out.
 */
export async function slideLayout(file: TiffFile, kind: SlideKind, options?: ReadOptions): Promise<Layout> {
  const table = await file.pages(options);
  const findings: Finding[] = [];
  const [base, ...others] = await groupPages(file, table, findings, options);
  if (base === undefined) throw file.fault("has no page");
  const levels: PageGroup[] = [base];
  const apart: PageGroup[] = [];
  for (const group of others) (isLevel(group, levels) ? levels : apart).push(group);
  if (apart.length > 0) {
    findings.push(
      notice(
        "associated-pictures",
        `${file.name} has ${apart.length} more pictures (${apart.map(sizeOf).join(", ")}), such as its label, which may name a patient: they are left out.`,
        "Open the file with OpenSlide or QuPath to see them.",
      ),
    );
  }
  const sizes = { t: 1, c: 1, z: 1, [kind.axis]: base.count };
  return {
    title: kind.title,
    images: [
      {
        sizes,
        levels: levels.map(({ level }) => level),
        scale: kind.scale,
        channels: kind.channels?.length === sizes.c ? kind.channels : undefined,
        attributes: kind.attributes,
      },
    ],
    findings,
  };
}

function isLevel({ level, count }: PageGroup, levels: readonly PageGroup[]): boolean {
  const [base, last] = [levels[0], levels.at(-1)];
  if (base === undefined || last === undefined || count !== base.count) return false;
  const { page } = level;
  return (
    page.segments.tiled === base.level.page.segments.tiled &&
    isLowerResolution(page, last.level.page) &&
    hasSameProportions(page, base.level.page)
  );
}

/** Whether a page is another one divided by a number, rounded up or down. */
export function hasSameProportions(page: Page, full: Page): boolean {
  const factor = Math.round((full.width / page.width + full.height / page.height) / 2);
  const exact = full.width / page.width;
  return [factor, exact].some(
    (by) => Math.abs(page.width - full.width / by) <= 1 && Math.abs(page.height - full.height / by) <= 1.5,
  );
}

function sizeOf({ level: { page } }: PageGroup): string {
  return `${page.width} × ${page.height}`;
}

/** How a slide scanner describes a file; undefined for other files. */
export async function slideKind(
  file: TiffFile,
  page: Page,
  description: string | undefined,
  options?: ReadOptions,
): Promise<SlideKind | undefined> {
  if (description?.startsWith("Aperio ") && page.segments.tiled) return aperio(description);
  if ((await file.text(page.ifd, TAG.Software, options))?.startsWith("PerkinElmer-QPI")) {
    return { title: "QPTIFF", axis: "c", channels: await qptiffChannels(file, options) };
  }
  if (entryOf(page.ifd, TAG.NdpiFileFormat) !== undefined) {
    refuseLargeStrip(file, page);
    return { title: "Hamamatsu NDPI", axis: "z" };
  }
  await refuseStitched(file, page, options);
  return undefined;
}

/** The description of an SVS: a line of text, then `key = value` after each `|`. */
function aperio(description: string): SlideKind {
  const [head = "", ...rest] = description.split("|");
  const pairs = rest.map((part): [string, string] => {
    const at = part.indexOf("=");
    return at < 0 ? [part.trim(), ""] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  });
  const properties = Object.fromEntries(pairs);
  const size = Number(properties["MPP"]);
  const quantity = size > 0 && Number.isFinite(size) ? { value: size, unit: "micrometer" } : undefined;
  return {
    title: "Aperio SVS",
    axis: "z",
    scale: { x: quantity, y: quantity },
    attributes: { aperio: { description: head.trim(), ...properties } },
  };
}

/** The names and colours in the XML of each page of the full resolution. */
async function qptiffChannels(file: TiffFile, options?: ReadOptions): Promise<ChannelMetadata[]> {
  const table = await file.pages(options);
  const channels: ChannelMetadata[] = [];
  for (let k = 0; k < table.count && table.kinds[k] === table.kinds[0]; k++) {
    const page = await file.page(table.offsets[k] as number, options);
    const text = (await file.text(page.ifd, TAG.ImageDescription, options)) ?? "";
    const [, name] = /<Name>([^<]*)<\/Name>/.exec(text) ?? [];
    const [, color] = /<Color>([^<]*)<\/Color>/.exec(text) ?? [];
    const parts = color?.split(",").map(Number) ?? [];
    const isColor =
      parts.length === 3 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256);
    channels.push({
      name: name || undefined,
      color: isColor
        ? parts.map((part) => part.toString(16).padStart(2, "0").toUpperCase()).join("")
        : undefined,
    });
  }
  return channels;
}

/** Bytes of decoded pixels that fit into memory at once. */
const LARGEST_STRIP = 512 * 1024 * 1024;

/** The full resolution of a Hamamatsu slide is one strip, which is decoded as a whole. */
function refuseLargeStrip({ name }: TiffFile, { segments, samples }: Page): void {
  if (segments.width * segments.height * samples <= LARGEST_STRIP) return;
  throw new UnsupportedError(
    `${name} cannot be read: its full resolution is one JPEG of ${segments.width} × ${segments.height} pixels; convert it with bioformats2raw first`,
    { location: name, feature: "Hamamatsu NDPI" },
  );
}

/** Roche BIF has tiles that overlap: side by side they are not the picture. */
async function refuseStitched(file: TiffFile, { ifd }: Page, options?: ReadOptions): Promise<void> {
  const entry = entryOf(ifd, TAG.XMP);
  if (entry === undefined || entry.length > 16 * 1024 * 1024) return;
  if (!readText(await file.bytes(entry, options)).includes("<iScan")) return;
  throw new UnsupportedError(
    `${file.name} cannot be read: it is a Roche BIF, whose tiles overlap; convert it with bioformats2raw first`,
    { location: file.name, feature: "Roche BIF" },
  );
}
