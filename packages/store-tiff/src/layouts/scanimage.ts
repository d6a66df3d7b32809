import { type Finding, InvalidMetadataError, type ReadOptions } from "@ozx/core";
import { micrometers, missingPlanes, type PlaneSizes, type Quantity } from "@ozx/virtual";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import { readText } from "../parse/values.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { Layout } from "./layout.js";
import { pagePlanes } from "./planes.js";

/** The mark of a header with the settings, after that of BigTIFF (ScanImage 2016 and later). */
const MAGIC = 117_637_889;
const HEADER = 32;
const LONGEST = 64 * 1024 * 1024;

type Settings = ReadonlyMap<string, string>;

/**
 * A recording by ScanImage: channels change fastest, then the frames of a slice, then slices, then volumes.
 *
 * @returns undefined for other files
 */
export async function scanimageLayout(
  file: TiffFile,
  page: Page,
  options?: ReadOptions,
): Promise<Layout | undefined> {
  const settings = await readSettings(file, page, options);
  if (settings === undefined) return undefined;
  const table = await file.pages(options);
  const number = (key: string, otherwise: number): number => {
    const value = Number(settings.get(`SI.${key}`));
    return Number.isSafeInteger(value) && value > 0 ? value : otherwise;
  };
  const c = channelCount(settings);
  const frames = number("hStackManager.framesPerSlice", 1);
  const isVolume =
    settings.get("SI.hFastZ.enable") === "true" || settings.get("SI.hStackManager.enable") === "true";
  const isStack = number("hStackManager.numSlices", 1) * frames * c <= table.count || isVolume;
  const z = isStack ? number("hStackManager.actualNumSlices", number("hStackManager.numSlices", 1)) : 1;
  const perVolume = c * frames * z;
  const volumes = Math.max(1, Math.ceil(table.count / perVolume));
  const sizes: PlaneSizes = { c, z, t: frames * volumes };
  const count = sizes.c * sizes.z * sizes.t;
  if (count > 2 * table.count + perVolume) {
    throw new InvalidMetadataError(
      `${file.name} has ${table.count} pages, which do not fit its settings: ${c} channels, ${z} slices, ${frames} frames of each`,
      { location: file.name },
    );
  }
  const numbers = new Int32Array(count).fill(-1);
  for (let k = 0; k < table.count; k++) {
    const frame = Math.floor(k / c) % frames;
    const slice = Math.floor(k / (c * frames)) % z;
    const t = Math.floor(k / perVolume) * frames + frame;
    numbers[(t * c + (k % c)) * z + slice] = k;
  }
  const findings: Finding[] = [];
  if (count > table.count) findings.push(missingPlanes(file.name, count - table.count, count));
  return {
    title: "ScanImage TIFF",
    images: [
      {
        sizes,
        levels: [
          {
            file,
            page,
            isUniform: table.firstOfKind.length === 1,
            planes: pagePlanes({ file, table, page, numbers }),
          },
        ],
        scale: { z: sizes.z > 1 ? stepOf(settings) : undefined, t: intervalOf(settings, sizes, frames) },
        attributes: { scanimage: Object.fromEntries(settings) },
      },
    ],
    findings,
  };
}

/** The settings: in a header of their own, or in the tag Software. */
async function readSettings(
  file: TiffFile,
  page: Page,
  options?: ReadOptions,
): Promise<Settings | undefined> {
  if (file.header.big && file.source.size > HEADER) {
    const start = (await file.windows.load(16, 16, options)).subarray(0, 16);
    const view = new DataView(start.buffer, start.byteOffset, start.length);
    const length = view.getUint32(8, true);
    if (view.getUint32(0, true) === MAGIC && length <= LONGEST && HEADER + length <= file.source.size) {
      return parseSettings(readText(await file.source.read(HEADER, length, options)));
    }
  }
  const software = await file.text(page.ifd, TAG.Software, options);
  return software?.startsWith("SI.") ? parseSettings(software) : undefined;
}

function parseSettings(text: string): Settings | undefined {
  const lines = text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const at = line.indexOf("=");
    return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
  });
  return lines.length === 0 ? undefined : new Map(lines);
}

/** The number of channels in a MATLAB vector, as in `[1;2]`. */
function channelCount(settings: Settings): number {
  return settings.get("SI.hChannels.channelSave")?.match(/\d+/g)?.length ?? 1;
}

function stepOf(settings: Settings): Quantity | undefined {
  const step = Math.abs(
    Number(
      settings.get("SI.hStackManager.actualStackZStepSize") ??
        settings.get("SI.hStackManager.stackZStepSize"),
    ),
  );
  return micrometers(step);
}

function intervalOf(settings: Settings, { z, t }: PlaneSizes, frames: number): Quantity | undefined {
  // Frames of a slice follow one another, and so do volumes; the two together have no single interval.
  if (t === 1 || (frames > 1 && t > frames)) return undefined;
  const rate = Number(
    settings.get(frames > 1 || z === 1 ? "SI.hRoiManager.scanFrameRate" : "SI.hRoiManager.scanVolumeRate"),
  );
  return Number.isFinite(rate) && rate > 0
    ? { value: Number((1 / rate).toPrecision(9)), unit: "second" }
    : undefined;
}
