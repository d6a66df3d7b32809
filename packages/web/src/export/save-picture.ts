import type { OpenImage } from "@ozx/core";
import { drawScaleBar } from "../image/view/scale-bar.js";
import type { TaskProgress } from "../workers/messages.js";
import { blendPixel, drawPicture, type PictureRequest } from "./draw-picture.js";
import { createPngStream } from "./png-stream.js";

interface SaveOptions {
  readonly signal: AbortSignal;
  /** Pixels of the picture per pixel of CSS of the scale bar; undefined for none. */
  readonly bar: number | undefined;
  /** Called with the bytes of the rows that are drawn. */
  onProgress(progress: TaskProgress): void;
}

/**
 * A picture as PNG.
 *
 * @throws the error of a chunk that cannot be read
 */
export async function pictureAsPng(
  request: PictureRequest,
  { signal, bar, onProgress }: SaveOptions,
): Promise<Blob> {
  const { width, height, scene, region } = request;
  const png = createPngStream(width, height);
  const zoom = Math.log2(width / (region.right - region.left));
  const over =
    bar === undefined ? undefined : scaleBarPixels(scene.pyramid.image, { width, height, zoom, ratio: bar });
  const all = width * height * 3;
  let done = 0;
  await drawPicture(request, {
    signal,
    async onRows(rows, top) {
      if (over !== undefined) blendOver(rows, { top, width, over });
      await png.write(rows);
      done += rows.length;
      onProgress({ done, all });
    },
  });
  return png.finish();
}

/** Red, green, blue and alpha of what lies over the lower left corner of a picture. */
interface Corner {
  readonly pixels: ImageData;
  /** The first row. */
  readonly top: number;
}

/** Pixels of CSS that hold the scale bar with its text. */
const BAR = { width: 180, height: 56 } as const;

function scaleBarPixels(
  image: OpenImage,
  { width, height, zoom, ratio }: Record<"width" | "height" | "zoom" | "ratio", number>,
): Corner | undefined {
  const size = [Math.min(width, BAR.width * ratio), Math.min(height, BAR.height * ratio)].map(Math.round);
  const canvas = new OffscreenCanvas(size[0] ?? 1, size[1] ?? 1);
  drawScaleBar(canvas, image, { zoom: zoom - Math.log2(ratio), ratio });
  const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height);
  return pixels && { pixels, top: height - canvas.height };
}

function blendOver(
  rows: Uint8Array,
  { top, width, over }: { readonly top: number; readonly width: number; readonly over: Corner },
): void {
  const end = top + rows.length / (3 * width);
  for (let row = Math.max(top, over.top); row < end; row++) {
    const line = (row - over.top) * over.pixels.width;
    for (let x = 0; x < over.pixels.width; x++) {
      blendPixel(rows, 3 * ((row - top) * width + x), over.pixels.data, 4 * (line + x), 1);
    }
  }
}
