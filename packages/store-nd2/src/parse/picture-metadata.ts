import { levelAt, levelsIn, numberAt, textAt, type VariantLevel, valueAt } from "./lite-variant.js";

/** What a file says of its pixels (`SLxPictureMetadata`). */
export interface PictureMetadata {
  /** Micrometers of a pixel's side; undefined where the file is not calibrated. */
  readonly pixelSize?: number | undefined;
  readonly channels: readonly Nd2Channel[];
}

export interface Nd2Channel {
  readonly name?: string | undefined;
  /** Six hexadecimal digits. */
  readonly color?: string | undefined;
  /** Components of a pixel that are this channel: 3 are blue, green and red. */
  readonly components: number;
}

export function parsePictureMetadata(root: VariantLevel | undefined): PictureMetadata {
  const level = levelAt(root, "SLxPictureMetadata") ?? root;
  const size = numberAt(level, "dCalibration") ?? 0;
  const isCalibrated = valueAt(level, "bCalibrated") !== false && size > 0;
  const planes = levelAt(level, "sPicturePlanes");
  const found = levelsIn(levelAt(planes, "sPlaneNew") ?? levelAt(planes, "sPlane"));
  const count = numberAt(planes, "uiCount") ?? found.length;
  return {
    pixelSize: isCalibrated ? size : undefined,
    channels: found.slice(0, Math.max(0, count)).map(channelOf),
  };
}

function channelOf(plane: VariantLevel): Nd2Channel {
  const color = numberAt(plane, "uiColor");
  return {
    name: textAt(plane, "sDescription") ?? textAt(plane, "sOpticalConfigName"),
    color: color === undefined ? undefined : hexColor(color),
    components: numberAt(plane, "uiCompCount") ?? 1,
  };
}

/** Red is in the lowest byte. */
function hexColor(color: number): string {
  return [color, color >>> 8, color >>> 16]
    .map((part) => (part & 255).toString(16).padStart(2, "0").toUpperCase())
    .join("");
}
