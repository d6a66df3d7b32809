import { type Finding, type ReadOptions, UnsupportedError } from "@ozx/core";
import {
  type ChannelMetadata,
  type ImageScale,
  micrometers,
  missingPlanes,
  notice,
  type Quantity,
} from "@ozx/virtual";
import { entryOf } from "../parse/ifd.js";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { Layout, TiffImage } from "./layout.js";
import { pagePlanes } from "./planes.js";

/** Offsets in CZ_LSMINFO, as tifffile has them. */
const AT = {
  z: 16,
  channels: 20,
  time: 24,
  voxelSize: 40,
  scanType: 88,
  channelColors: 108,
  timeInterval: 112,
  positions: 264,
  mosaic: 268,
};
/** Scans of x-y planes, along z and time; others have z or time along y. */
const PLANE_SCANS: readonly number[] = [0, 3, 6, 7];

/** A Zeiss LSM: thumbnails between its pages, channels as planar samples, and a record of its dimensions. */
export async function lsmLayout(
  file: TiffFile,
  page: Page,
  options?: ReadOptions,
): Promise<Layout | undefined> {
  const entry = entryOf(page.ifd, TAG.CZ_LSMINFO);
  if (entry === undefined || entry.length < 120) return undefined;
  if (file.source.size > 2 ** 32) {
    throw new UnsupportedError(
      `${file.name} cannot be read: it is a Zeiss LSM of more than 4 GiB, whose offsets are ambiguous; convert it with bioformats2raw first`,
      { location: file.name, feature: "LSM of more than 4 GiB" },
    );
  }
  const bytes = await file.bytes(entry, options);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const extent = (at: number): number =>
    at + 4 <= view.byteLength ? Math.max(1, view.getInt32(at, true)) : 1;
  const findings: Finding[] = [];
  const isPlaneScan = PLANE_SCANS.includes(view.getUint16(AT.scanType, true));
  if (!isPlaneScan) {
    findings.push(
      notice(
        "scan-axes",
        `${file.name} is a scan whose rows are not y but depth or time (scan type ${view.getUint16(AT.scanType, true)}): they are shown as y.`,
        "Nothing, if that is what you want to see.",
      ),
    );
  }
  const table = await file.pages(options);
  const main = [...table.kinds.subarray(0, table.count).keys()].filter(
    (k) => table.kinds[k] === table.kinds[0],
  );
  const [z, t] = isPlaneScan ? [extent(AT.z), extent(AT.time)] : [1, main.length];
  const images = Math.max(1, extent(AT.positions) * extent(AT.mosaic));
  const count = z * t * images;
  if (count > 2 * main.length + 1) throw file.fault(`should have ${count} planes and has ${main.length}`);
  if (count > main.length) findings.push(missingPlanes(file.name, count - main.length, count));
  const scale = scaleOf(view, isPlaneScan);
  const channels = await channelsOf(file, view, extent(AT.channels), options);
  return {
    title: "Zeiss LSM",
    images: Array.from({ length: images }, (_, k): TiffImage => {
      const numbers = Int32Array.from({ length: z * t }, (_, plane) => main[k * z * t + plane] ?? -1);
      return {
        sizes: { z, t, c: 1 },
        levels: [{ file, page, isUniform: true, planes: pagePlanes({ file, table, page, numbers }) }],
        scale,
        channels,
      };
    }),
    findings,
  };
}

/** Sizes of voxels in metres, and the seconds between time points. */
function scaleOf(view: DataView, isPlaneScan: boolean): ImageScale {
  const size = (k: number): Quantity | undefined => {
    const metres = view.getFloat64(AT.voxelSize + 8 * k, true);
    return metres < 1 ? micrometers(metres * 1e6) : undefined;
  };
  const interval = view.getFloat64(AT.timeInterval, true);
  return {
    x: size(0),
    y: isPlaneScan ? size(1) : undefined,
    z: size(2),
    t: Number.isFinite(interval) && interval > 0 ? { value: interval, unit: "second" } : undefined,
  };
}

/** The names and colours of channels, in a record elsewhere in the file; undefined where it is damaged. */
async function channelsOf(
  { source }: TiffFile,
  info: DataView,
  count: number,
  options?: ReadOptions,
): Promise<ChannelMetadata[] | undefined> {
  const at = info.getUint32(AT.channelColors, true);
  if (at === 0 || at + 24 > source.size) return undefined;
  const head = await source.read(at, 24, options);
  const numbers = new DataView(head.buffer, head.byteOffset, head.length);
  const [size, colors, names, colorsAt, namesAt] = [0, 4, 8, 12, 16].map((k) =>
    numbers.getUint32(k, true),
  ) as [...[number, number, number, number, number]];
  const isWhole =
    size <= 1024 * 1024 && at + size <= source.size && colorsAt + 4 * colors <= size && namesAt <= size;
  if (colors !== count || names !== count || !isWhole) return undefined;
  const block = await source.read(at, size, options);
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const channels: ChannelMetadata[] = [];
  let nameAt = namesAt;
  for (let k = 0; k < count; k++) {
    const rgb = [0, 1, 2].map((part) => view.getUint8(colorsAt + 4 * k + part));
    if (nameAt + 4 > size) return undefined;
    const length = view.getUint32(nameAt, true);
    if (nameAt + 4 + length > size) return undefined;
    const name = new TextDecoder("windows-1252").decode(block.subarray(nameAt + 4, nameAt + 4 + length));
    channels.push({
      name: name.replace(/\0.*$/s, "") || undefined,
      color: rgb.map((part) => part.toString(16).padStart(2, "0").toUpperCase()).join(""),
    });
    nameAt += 4 + length;
  }
  return channels;
}
