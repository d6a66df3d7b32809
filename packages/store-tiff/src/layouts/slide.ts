import type { Finding, ReadOptions } from "@ozx/core";
import { type ChannelMetadata, micrometers, notice } from "@ozx/virtual";
import { entryOf } from "../parse/ifd.js";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import { readText } from "../parse/values.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { Layout } from "./layout.js";
import { ndpiKind } from "./ndpi.js";
import { groupPages, type PageGroup } from "./page-groups.js";
import { isLowerResolution } from "./planes.js";
import type { SlideKind } from "./slide-kind.js";

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
  for (const group of others) {
    const isBelow = isLevel(group, levels) && !(await kind.isApart?.(group.level.page));
    (isBelow ? levels : apart).push(group);
  }
  if (apart.length > 0) {
    findings.push(
      apartFinding(
        file.name,
        apart.map(({ level }) => level.page),
      ),
    );
  }
  const sizes = { t: 1, c: 1, z: 1, [kind.axis]: base.count };
  return {
    title: kind.title,
    images: [
      {
        sizes,
        levels: await Promise.all(levels.map(({ level }) => kind.levelOf?.(level) ?? level)),
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

/** The finding for pictures of the glass and its label. */
export function apartFinding(name: string, pages: readonly Page[]): Finding {
  const sizes = pages.map(({ width, height }) => `${width} × ${height}`).join(", ");
  return notice(
    "associated-pictures",
    `${name} has ${pages.length} more pictures (${sizes}), such as its label, which may name a patient: they are left out.`,
    "Open the file with OpenSlide or QuPath to see them.",
  );
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
  if (await isArgos(file, page, options)) return { title: "Argos AVS", axis: "z" };
  return ndpiKind(file, page, options);
}

/** The description of an SVS: a line of text, then `key = value` after each `|`. */
function aperio(description: string): SlideKind {
  const [head = "", ...rest] = description.split("|");
  const pairs = rest.map((part): [string, string] => {
    const at = part.indexOf("=");
    return at < 0 ? [part.trim(), ""] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  });
  const properties = Object.fromEntries(pairs);
  const quantity = micrometers(Number(properties["MPP"]));
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

/** Argos puts XML into a tag of its own. */
async function isArgos(file: TiffFile, { ifd }: Page, options?: ReadOptions): Promise<boolean> {
  const entry = entryOf(ifd, TAG.ArgosXml);
  if (entry === undefined || entry.length <= 8) return false;
  return readText(await file.firstBytes(entry, ARGOS.length, options)) === ARGOS;
}

const ARGOS = "<Argos";
