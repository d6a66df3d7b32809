import { type Finding, type ReadOptions, UnsupportedError } from "@ozx/core";
import { unitFromSpelling } from "@ozx/core/internal";
import { type ImageScale, missingPlanes, type Quantity } from "@ozx/virtual";
import { entryOf } from "../parse/ifd.js";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import { readText } from "../parse/values.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { Layout } from "./layout.js";
import { inOrder, type PlaneAxis, pagePlanes, upTo } from "./planes.js";

/** Offsets in MM_Header (tifffile): ten dimensions of a name, a size, an origin, a distance and a unit. */
const AT = { imageName: 3, dimensions: 284 };
const DIMENSION = { length: 100, size: 16, resolution: 28, unit: 36, count: 10 };
const LONGEST_NAME = 256;

const AXES: Readonly<Record<string, PlaneAxis>> = {
  Z: "z",
  T: "t",
  TIME: "t",
  CH: "c",
  WAVELENGTH: "c",
};

interface Dimension extends Quantity {
  readonly name: string;
  readonly size: number;
}

/**
 * A file of Olympus FluoView: its header lists the dimensions, from the one that changes fastest on.
 *
 * @returns undefined for other files
 * @throws UnsupportedError for dimensions that OME-Zarr has no axis for
 */
export async function fluoviewLayout(
  file: TiffFile,
  page: Page,
  options?: ReadOptions,
): Promise<Layout | undefined> {
  const entry = entryOf(page.ifd, TAG.MMHeader);
  const length = AT.dimensions + DIMENSION.count * DIMENSION.length;
  if (entry === undefined || entry.length < length) return undefined;
  const bytes = await file.firstBytes(entry, length, options);
  const dimensions = readDimensions(bytes, file.header.littleEndian);
  const scale: { -readonly [axis in keyof ImageScale]: ImageScale[axis] } = {};
  const sizes = { t: 1, c: 1, z: 1 };
  const order: PlaneAxis[] = [];
  for (const { name, size, value, unit } of dimensions) {
    const axis = name === "X" ? "x" : name === "Y" ? "y" : AXES[name];
    if (axis === undefined) {
      if (size > 1) throw unknownDimension(file, name, size);
      continue;
    }
    if (axis !== "c" && value > 0 && Number.isFinite(value)) {
      const spelled = unitFromSpelling(axis === "t" ? "time" : "space", unit ?? "");
      if (spelled !== undefined) scale[axis] = { value, unit: spelled };
    }
    if (axis === "x" || axis === "y") continue;
    if (order.includes(axis) && size > 1) throw unknownDimension(file, name, size);
    if (order.includes(axis)) continue;
    sizes[axis] = size;
    order.push(axis);
  }
  const table = await file.pages(options);
  const count = sizes.t * sizes.c * sizes.z;
  if (count > 2 * table.count + 1) throw file.fault(`should have ${count} planes and has ${table.count}`);
  const findings: Finding[] = [];
  if (count > table.count) findings.push(missingPlanes(file.name, count - table.count, count));
  const isUniform = table.firstOfKind.length === 1;
  const planes = inOrder(pagePlanes({ file, table, page, numbers: upTo(count) }), sizes, order);
  const name = readText(bytes.subarray(AT.imageName, AT.imageName + LONGEST_NAME)).trim();
  return {
    title: "Olympus FluoView",
    images: [
      {
        sizes,
        levels: [{ file, page, isUniform, planes }],
        scale,
        ...(name !== "" && { name }),
      },
    ],
    findings,
  };
}

function readDimensions(bytes: Uint8Array, littleEndian: boolean): Dimension[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: DIMENSION.count }, (_, k): Dimension => {
    const at = AT.dimensions + k * DIMENSION.length;
    const text = (from: number, to: number): string => readText(bytes.subarray(at + from, at + to)).trim();
    return {
      name: text(0, DIMENSION.size).toUpperCase(),
      size: Math.max(1, view.getInt32(at + DIMENSION.size, littleEndian)),
      value: view.getFloat64(at + DIMENSION.resolution, littleEndian),
      unit: text(DIMENSION.unit, DIMENSION.length),
    };
  }).filter(({ name }) => name !== "");
}

function unknownDimension({ name }: TiffFile, dimension: string, size: number): UnsupportedError {
  return new UnsupportedError(
    `${name} cannot be read: it has ${size} planes along ${dimension} (Olympus FluoView), which is no axis of an image; convert it with bioformats2raw first`,
    { location: name, feature: `the dimension ${dimension} of FluoView` },
  );
}
