import type { OpenImage } from "@ozx/core";
import { scaleBarOf } from "../model/scale-bar.js";

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
