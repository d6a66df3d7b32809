import type { OpenImage } from "@ozx/core";
import { baseName, download } from "../../convert/save-location.js";
import { largestLevel } from "../model/largest-level.js";
import { axisRoles } from "../tiles/image-plane.js";

/** The widest bar, in pixels of CSS. */
const MAX_WIDTH = 140;

/** The scale bar over the picture; `zoom` as in `Camera`. */
export function ScaleBar({ image, zoom }: { image: OpenImage; zoom: number }) {
  const { width, text } = scaleBarOf(image, zoom, MAX_WIDTH);
  return (
    <div className="scale-bar" role="img" aria-label={`Scale: the bar is ${text} long`}>
      <span>{text}</span>
      <i style={{ width }} />
    </div>
  );
}

/** The width of a bar and the length that it represents. */
interface ScaleBarSize {
  /** In pixels of CSS. */
  readonly width: number;
  readonly text: string;
}

/** Units of length in metres. OME-Zarr uses the names of UDUNITS-2. */
export const METRES: Readonly<Record<string, number>> = {
  kilometer: 1e3,
  meter: 1,
  centimeter: 1e-2,
  millimeter: 1e-3,
  micrometer: 1e-6,
  nanometer: 1e-9,
  angstrom: 1e-10,
  picometer: 1e-12,
};

const SHOWN: readonly (readonly [metres: number, symbol: string])[] = [
  [1e3, "km"],
  [1, "m"],
  [1e-3, "mm"],
  [1e-6, "µm"],
  [1e-9, "nm"],
  [1e-12, "pm"],
];

/**
 * The longest bar with a round length: 1, 2 or 5 times a power of ten.
 *
 * @param zoom pixels of CSS per pixel of the largest level, as a power of two
 * @param widest the maximum width, in pixels of CSS
 */
export function scaleBarOf(image: OpenImage, zoom: number, widest: number): ScaleBarSize {
  const { x } = axisRoles(image.axes);
  const unit = image.axes[x]?.unit;
  const metres = unit === undefined ? undefined : METRES[unit];
  const perPixel = Math.abs(largestLevel(image).scale[x] ?? 1) || 1;
  const length = (widest / 2 ** zoom) * (unit === undefined ? 1 : perPixel);
  if (metres === undefined) {
    const round = roundDown(length);
    return { width: (round / length) * widest, text: `${plain(round)} ${unit ?? "px"}` };
  }
  const inMetres = length * metres;
  const [size, symbol] = SHOWN.find(([one]) => inMetres >= one) ?? [1e-12, "pm"];
  const round = roundDown(inMetres / size);
  return { width: ((round * size) / inMetres) * widest, text: `${plain(round)} ${symbol}` };
}

function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = [5, 2, 1].find((one) => one * power <= value * 1.000001) ?? 1;
  return digit * power;
}

function plain(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/**
 * Downloads a picture as a PNG, named after the image.
 *
 * @throws Error where the browser cannot encode a PNG of this size
 */
export async function savePng(canvas: HTMLCanvasElement, name: string): Promise<void> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("The browser cannot encode a PNG of this size; make the window smaller");
  download(blob, `${baseName(name)}.png`);
}

/**
 * Draws the scale bar into a picture of the stage, at the position that it has on the page.
 *
 * @param zoom as in `Camera`
 * @param ratio pixels of the picture per pixel of CSS
 */
export function drawScaleBar(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  image: OpenImage,
  { zoom, ratio = devicePixelRatio }: { readonly zoom: number; readonly ratio?: number },
): void {
  const context = canvas.getContext("2d") as CanvasRenderingContext2D | null;
  if (context === null) return;
  const { width, text } = scaleBarOf(image, zoom, MAX_WIDTH);
  const [x, y] = [16 * ratio, canvas.height - 18 * ratio];
  context.fillStyle = "#fff";
  context.shadowColor = "#000";
  context.shadowBlur = 3 * ratio;
  context.fillRect(x, y, width * ratio, 3 * ratio);
  context.font = `600 ${13 * ratio}px system-ui, sans-serif`;
  context.fillText(text, x, y - 6 * ratio);
}
