import type { OpenImage } from "@ozx/core";
import { axisRoles } from "../tiles/image-plane.js";

export function ScaleBar({ image, zoom }: { image: OpenImage; zoom: number }) {
  const { width, text } = scaleBarOf(image, zoom, 140);
  return (
    <div className="scale-bar" role="img" aria-label={`Scale: the bar is ${text} long`}>
      <span>{text}</span>
      <i style={{ width }} />
    </div>
  );
}

/** A bar on the screen and the length it stands for. */
export interface ScaleBarSize {
  /** In pixels of CSS. */
  readonly width: number;
  readonly text: string;
}

/** Lengths of metres, the largest first; names of OME-Zarr are those of UDUNITS-2. */
const METRES: Readonly<Record<string, number>> = {
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
 * The longest bar of a round length (1, 2 or 5 times a power of ten) that is not wider than asked for.
 *
 * @param zoom pixels of CSS a pixel of the largest level, as a power of two
 */
export function scaleBarOf(image: OpenImage, zoom: number, widest: number): ScaleBarSize {
  const { x } = axisRoles(image.axes);
  const unit = image.axes[x]?.unit;
  const metres = unit === undefined ? undefined : METRES[unit];
  const perPixel = Math.abs(image.level(0).scale[x] ?? 1) || 1;
  const known = unit !== undefined;
  const length = (widest / 2 ** zoom) * (known ? perPixel : 1);
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

/** Saves a picture of the stage by the name of what is open. */
export async function savePng(canvas: HTMLCanvasElement, name: string): Promise<void> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("the browser cannot make a PNG of this size");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${name.replace(/\.(?:ozx|zip|zarr|ome)+$/i, "")}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Draws the scale bar into a picture, where the page has it. */
export function drawScaleBar(canvas: HTMLCanvasElement, image: OpenImage, zoom: number): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const ratio = devicePixelRatio;
  const { width, text } = scaleBarOf(image, zoom, 140);
  const [x, y] = [16 * ratio, canvas.height - 18 * ratio];
  context.fillStyle = "#fff";
  context.shadowColor = "#000";
  context.shadowBlur = 3 * ratio;
  context.fillRect(x, y, width * ratio, 3 * ratio);
  context.font = `600 ${13 * ratio}px system-ui, sans-serif`;
  context.fillText(text, x, y - 6 * ratio);
}
