import { type Finding, type JsonObject, UnsupportedError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { type ChannelMetadata, type ImageScale, missingPlanes, type PlaneSizes } from "@ozx/virtual";
import type { Page } from "../../parse/page.js";
import type { TiffFile } from "../../read/tiff-file.js";
import { plateOfLabels } from "../hcs-labels.js";
import type { Layout, PlaneList, PlaneRef, TiffImage } from "../layout.js";

/** The planes of an acquisition, in columns, in the order in which they were written. */
export interface AcquiredPlanes {
  readonly count: number;
  readonly t: Int32Array;
  readonly c: Int32Array;
  readonly z: Int32Array;
  /** The number of each plane's position. */
  readonly position: Int32Array;
  /** Where a plane is. */
  at(index: number): PlaneRef | undefined | Promise<PlaneRef | undefined>;
}

/** What is known of an acquisition besides its planes. */
export interface Acquisition {
  readonly title: string;
  /** In messages. */
  readonly name: string;
  readonly file: TiffFile;
  readonly page: Page;
  readonly planes: AcquiredPlanes;
  /** The number of each position that has planes, in their order, and its name. */
  readonly positions: readonly { readonly number: number; readonly label: string | undefined }[];
  readonly scale: ImageScale;
  readonly channels: readonly ChannelMetadata[] | undefined;
  readonly significantBits: number | undefined;
  /** Kept as they are: of the whole, and of each position. */
  readonly attributes: JsonObject;
  readonly positionAttributes: (position: number) => JsonObject | undefined;
  readonly omeXml?: Uint8Array | undefined;
  readonly findings: readonly Finding[];
}

/** The planes of one position. */
const MOST_PLANES = 16 * 1024 * 1024;

/**
 * The images of an acquisition, one for each position, all of the size of the largest. Planes that were never written are
 * missing; of those that were written twice, the later counts.
 */
export function acquisitionLayout(acquisition: Acquisition): Layout {
  const { name, file, page, planes, positions, scale, channels, significantBits } = acquisition;
  const sizes = extentOf(planes);
  const count = sizes.t * sizes.c * sizes.z;
  if (count * positions.length > MOST_PLANES) {
    throw new UnsupportedError(
      `${name} cannot be read: it has ${positions.length} positions of ${sizes.t} × ${sizes.c} × ${sizes.z} planes, which do not fit into memory`,
      { location: name, feature: "more planes than fit into memory" },
    );
  }
  const slots = new Map(positions.map(({ number }) => [number, new Int32Array(count).fill(-1)]));
  for (let k = 0; k < planes.count; k++) {
    const index =
      ((planes.t[k] as number) * sizes.c + (planes.c[k] as number)) * sizes.z + (planes.z[k] as number);
    const list = slots.get(planes.position[k] as number);
    if (list !== undefined) list[index] = k;
  }
  const missing = [...slots.values()].reduce((sum, list) => sum + list.filter((k) => k < 0).length, 0);
  const images = positions.map(({ number, label }): TiffImage => {
    const list = slots.get(number) ?? new Int32Array(0);
    return {
      name: label,
      sizes,
      levels: [{ file, page, isUniform: true, planes: listed(planes, list) }],
      scale,
      channels: page.samples === 1 && channels?.length === sizes.c ? channels : undefined,
      significantBits,
      attributes: acquisition.positionAttributes(number),
    };
  });
  return {
    title: acquisition.title,
    images,
    plate: positions.length > 1 ? plateOfLabels(positions.map(({ label }) => label)) : undefined,
    attributes: acquisition.attributes,
    omeXml: acquisition.omeXml,
    findings: [
      ...acquisition.findings,
      ...(missing > 0 ? [missingPlanes(name, missing, count * positions.length)] : []),
    ],
  };
}

function listed(planes: AcquiredPlanes, slots: Int32Array): PlaneList {
  return {
    at(index) {
      const k = slots[index] ?? -1;
      return k < 0 ? undefined : planes.at(k);
    },
  };
}

function extentOf({ count, t, c, z }: AcquiredPlanes): PlaneSizes {
  const most = { t: 0, c: 0, z: 0 };
  for (let k = 0; k < count; k++) {
    most.t = Math.max(most.t, t[k] as number);
    most.c = Math.max(most.c, c[k] as number);
    most.z = Math.max(most.z, z[k] as number);
  }
  return { t: most.t + 1, c: most.c + 1, z: most.z + 1 };
}

/** Planes whose metadata says something of all, by their indices. */
export interface SampledPlanes {
  /** The first plane of each position, by the number of the position. */
  readonly positions: ReadonlyMap<number, number>;
  /** Of the first position, the first plane of each channel. */
  readonly channels: readonly number[];
  /** Of the first position and channel, a plane of some of the first time points, with these. */
  readonly times: readonly { readonly t: number; readonly plane: number }[];
}

/** How many time points are looked at for the interval between them. */
const TIMES = 8;

/** Chooses planes in one pass: there may be a million of them. */
export function samplePlanes({ count, t, c, z, position }: AcquiredPlanes): SampledPlanes {
  const positions = new Map<number, number>();
  for (let k = 0; k < count; k++) {
    const number = position[k] as number;
    if (!positions.has(number)) positions.set(number, k);
  }
  const first = Math.min(...positions.keys());
  const channels: number[] = [];
  const times = new Map<number, number>();
  for (let k = 0; k < count; k++) {
    if (position[k] !== first) continue;
    const channel = c[k] as number;
    channels[channel] ??= k;
    const time = t[k] as number;
    if (channel === 0 && z[k] === 0 && time < TIMES && !times.has(time)) times.set(time, k);
  }
  return {
    positions: new Map([...positions].sort(([a], [b]) => a - b)),
    // A channel that was announced and not reached has no plane.
    channels: Array.from(channels, (k) => k ?? -1),
    times: [...times].sort(([a], [b]) => a - b).map(([time, plane]) => ({ t: time, plane })),
  };
}

/** Numbers from 0 for each of several values, in rising order; texts in the order in which they come. */
export function numberValues(values: Iterable<number | string>): Map<number | string, number> {
  const distinct = [...new Set(values)];
  const numbers = distinct
    .filter((value): value is number => typeof value === "number")
    .sort((a, b) => a - b);
  const [least = 0, most = 0] = [numbers[0], numbers.at(-1)];
  // What was skipped keeps its place, unless the numbers are no indices at all.
  const isDense = most - least < 2 * numbers.length;
  const numbered = numbers.map((value, k): [number | string, number] => [value, isDense ? value - least : k]);
  const after = numbered.length === 0 ? 0 : (numbered.at(-1)?.[1] ?? 0) + 1;
  const texts = distinct.filter((value): value is string => typeof value === "string");
  return new Map([...numbered, ...texts.map((value, k): [number | string, number] => [value, after + k])]);
}

/** Parses JSON in a file of a microscope; what is damaged is as if it were not there. */
export function parseLoose(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
