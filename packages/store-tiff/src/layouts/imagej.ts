import type { Finding, JsonObject, ReadOptions } from "@ozx/core";
import { unitFromSpelling } from "@ozx/core/internal";
import type { ChannelMetadata, ImageScale, PlaneSizes, Quantity } from "@ozx/virtual";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import type { TiffFile } from "../read/tiff-file.js";
import { type ImageJMetadata, readImageJMetadata } from "./imagej-metadata.js";
import type { ImageLevel, Layout, LayoutOptions, PlaneList } from "./layout.js";
import { inOrder, type PlaneAxis, pagePlanes, planeBytesOf, runPlanes, upTo } from "./planes.js";
import { stackAxes } from "./stack-axes.js";

/** The description that ImageJ writes: lines of `key=value`. */
export type ImageJDescription = ReadonlyMap<string, string>;

/** Parses a description; undefined where it is not ImageJ's. */
export function parseDescription(text: string | undefined): ImageJDescription | undefined {
  if (text === undefined || !/^(?:ImageJ|SCIFIO)=/.test(text)) return undefined;
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf("=");
    return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
  return new Map(pairs);
}

/**
 * A stack that ImageJ wrote. Its planes may follow one another without IFDs of their own, which is how ImageJ writes more
 * than 4 GiB (`ij/io/TiffEncoder.java`).
 */
export async function imagejLayout(
  file: TiffFile,
  description: ImageJDescription,
  page: Page,
  options?: LayoutOptions,
): Promise<Layout> {
  const findings: Finding[] = [];
  const { planes, count, isUniform } = await stackOf(file, description, page, options);
  const known = knownSizes(description, count);
  const { sizes, order } =
    known === undefined
      ? stackAxes({ name: file.name, count }, options?.axes, findings)
      : { sizes: known, order: orderOf(description) };
  const metadata = await readImageJMetadata(file, page, options);
  const level: ImageLevel = { file, page, isUniform, planes: inOrder(planes, sizes, order) };
  return {
    title: "ImageJ TIFF",
    images: [
      {
        sizes,
        levels: [level],
        scale: await scaleOf(file, page, description, options),
        channels: channelsOf(metadata, sizes, page),
        attributes: { imagej: attributesOf(description, metadata) },
      },
    ],
    findings,
    hasOpenAxes: known === undefined,
  };
}

interface Stack {
  readonly planes: PlaneList;
  readonly count: number;
  readonly isUniform: boolean;
}

/** The planes of a stack in the order of the file. */
async function stackOf(
  file: TiffFile,
  description: ImageJDescription,
  page: Page,
  options?: ReadOptions,
): Promise<Stack> {
  const announced = Math.max(numberOf(description, "images"), productOf(description), 1);
  if (announced > 1) {
    const start = await contiguousStart(file, page, announced, options);
    if (start !== undefined)
      return { planes: runPlanes(file, page, start, announced), count: announced, isUniform: true };
  }
  const table = await file.pages(options);
  const kind = table.kinds[0];
  // ImageJ's pages are all alike; what is not belongs to something else.
  let count = 0;
  while (count < table.count && table.kinds[count] === kind) count++;
  return { planes: pagePlanes({ file, table, page, numbers: upTo(count) }), count, isUniform: true };
}

/**
 * Where the pixels of a whole stack start, if they follow one another: either there is one IFD only, or the second page's
 * pixels are where they should be.
 */
async function contiguousStart(
  file: TiffFile,
  page: Page,
  count: number,
  options?: ReadOptions,
): Promise<number | undefined> {
  const { segments, compression, planar, bits } = page;
  const isOneRun = segments.down === 1 && segments.across === 1 && !segments.tiled && !planar;
  if (compression !== 1 || !isOneRun || bits % 8 !== 0) return undefined;
  const start = (await file.numbers(page.ifd, segments.offsets.tag, options))?.[0] ?? 0;
  const planeBytes = planeBytesOf(page);
  const { next } = page.ifd;
  if (start === 0) return undefined;
  // Of a truncated stack some planes cannot be read. A single plane has only kept the description of a stack.
  if (next === 0) return start + 2 * planeBytes > file.source.size ? undefined : start;
  if (start + count * planeBytes > file.source.size) return undefined;
  // Pages may also have been appended one by one, with an IFD before each.
  const second = await file.page(next, options).catch(() => undefined);
  const offset = second && (await file.numbers(second.ifd, second.segments.offsets.tag, options))?.[0];
  return offset === start + planeBytes ? start : undefined;
}

function numberOf(description: ImageJDescription, key: string): number {
  const value = Number(description.get(key));
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function productOf(description: ImageJDescription): number {
  return ["channels", "slices", "frames"].reduce(
    (product, key) => product * Math.max(1, numberOf(description, key)),
    1,
  );
}

/** Channels, slices and frames if they are as many as the planes; undefined where they are not. */
function knownSizes(description: ImageJDescription, count: number): PlaneSizes | undefined {
  const [c = 1, z = 1, t = 1] = ["channels", "slices", "frames"].map((key) =>
    Math.max(1, numberOf(description, key)),
  );
  return c * z * t === count ? { c, z, t } : undefined;
}

/** The axes from the fastest: `order=zct` in a description, channels first by default (`xyczt`). */
function orderOf(description: ImageJDescription): readonly PlaneAxis[] {
  const order = (description.get("order") ?? "").replace(/^xy/, "");
  const axes = [...order].filter((axis) => axis === "c" || axis === "z" || axis === "t");
  return axes.length === 3 && new Set(axes).size === 3 ? axes : ["c", "z", "t"];
}

async function scaleOf(
  file: TiffFile,
  page: Page,
  description: ImageJDescription,
  options?: ReadOptions,
): Promise<ImageScale> {
  const size = async (tag: number, key: string): Promise<Quantity | undefined> => {
    const unit = spaceUnit(description.get(key) ?? description.get("unit"));
    const perUnit = (await file.numbers(page.ifd, tag, options))?.[0];
    return unit === undefined || !isPositive(perUnit) ? undefined : { value: rounded(1 / perUnit), unit };
  };
  const spacing = Math.abs(Number(description.get("spacing")));
  const unit = spaceUnit(description.get("zunit") ?? description.get("unit"));
  return {
    x: await size(TAG.XResolution, "unit"),
    y: await size(TAG.YResolution, "yunit"),
    z: isPositive(spacing) && unit !== undefined ? { value: spacing, unit } : undefined,
    t: intervalOf(description),
  };
}

/** The time between frames: `finterval` in `tunit`, or frames per second. */
function intervalOf(description: ImageJDescription): Quantity | undefined {
  const interval = Number(description.get("finterval"));
  if (isPositive(interval)) {
    const unit = unitFromSpelling("time", description.get("tunit") ?? "s");
    return { value: interval, ...(unit !== undefined && { unit }) };
  }
  const perSecond = Number(description.get("fps"));
  return isPositive(perSecond) ? { value: rounded(1 / perSecond), unit: "second" } : undefined;
}

/** ImageJ escapes what is not Latin-1. */
function spaceUnit(text: string | undefined): string | undefined {
  const plain = text?.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return plain === undefined ? undefined : unitFromSpelling("space", plain);
}

function isPositive(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value > 0;
}

/** Without the digits that dividing has added. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

function channelsOf(
  { ranges, colors }: ImageJMetadata,
  sizes: PlaneSizes,
  page: Page,
): readonly ChannelMetadata[] | undefined {
  if (page.samples > 1 || (ranges.length === 0 && colors.length === 0)) return undefined;
  return Array.from({ length: sizes.c }, (_, k) => ({ window: ranges[k], color: colors[k] }));
}

function attributesOf(description: ImageJDescription, { info, labels }: ImageJMetadata): JsonObject {
  return {
    description: Object.fromEntries(description),
    ...(info !== undefined && { info }),
    ...(labels.length > 0 && { labels }),
  };
}
