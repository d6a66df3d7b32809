import { type EditPlan, runEdit } from "@ozx/convert";
import { openOmeZarr } from "@ozx/core";
import { encodeJpeg } from "@ozx/virtual";
import { formats } from "../formats.js";
import { noteUnused, openInPlace } from "../open-in-place.js";
import type { Output } from "../terminal/output.js";
import { drawThumbnail } from "./draw-thumbnail.js";
import type { Picture } from "./encode-png.js";

/** Where programs that show the content of an archive look for its picture. */
const KEY = "/Thumbnails/thumbnail.jpg";

/**
 * Puts a thumbnail into an `.ozx` or a folder, in place of the one that it has. Readers of OME-Zarr pass over it.
 *
 * @param size the longer side of the picture at most, in pixels
 * @throws what `openInPlace` and `drawThumbnail` throw; nothing is changed then
 */
export async function putThumbnailInside(
  path: string,
  size: number,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  const { store, begin, release } = await openInPlace(path, { signal });
  try {
    const node = await openOmeZarr(store, { formats, signal });
    const picture = await drawThumbnail(node, size, { signal });
    const bytes = await encodeJpeg({ ...picture, data: withoutAlpha(picture) });
    const documents = new Map([[KEY, { before: undefined, after: bytes }]] as const);
    const plan: EditPlan = { documents, moves: [], moved: [] };
    await runEdit(plan, { store, writer: await begin({ signal, reserve: bytes.length }) }, { signal });
    out.note(`${path}: ${KEY.slice(1)} has ${picture.width} × ${picture.height} pixels`);
  } finally {
    await release();
  }
  await noteUnused(path, out, signal);
}

function withoutAlpha({ data, width, height }: Picture): Uint8Array {
  const colours = new Uint8Array(3 * width * height);
  for (let to = 0, from = 0; to < colours.length; from++) {
    colours[to++] = data[from++] ?? 0;
    colours[to++] = data[from++] ?? 0;
    colours[to++] = data[from++] ?? 0;
  }
  return colours;
}
