import { openOmeZarr } from "@ozx/core";
import { type ByteSink, blobSink } from "@ozx/core/container";
import { TIFF_HEADER, writeOmeTiff } from "@ozx/store-tiff/internal";
import { storeOf } from "../open/open-input.js";
import type { TaskContext, TaskOf, TaskResults } from "./messages.js";
import { outputFor } from "./output-file.js";

/** Writes a part of an image as OME-TIFF, to the chosen file or as a Blob to download. */
export async function writeTiff(
  { source, image: path, ranges, deflated, to, name }: TaskOf<"tiff">,
  { signal, onProgress }: TaskContext,
): Promise<TaskResults["tiff"]> {
  const node = await openOmeZarr(await storeOf(source, { signal }), { signal, formats: [] });
  try {
    const image = node.images.find((one) => one.path === path);
    if (image === undefined) throw new Error(`${source.name} no longer has the image ${path}`);
    const output = await outputFor(name, to, "image/tiff", headLastSink);
    const sink = await output.open();
    const written = await committed(sink, () =>
      writeOmeTiff(image, sink, { ranges, deflated, signal, onProgress }),
    );
    return { ...written, ...(await output.result()) };
  } finally {
    await node.close();
  }
}

/** Commits a sink after it was written, or discards what was written. */
async function committed<Result>(sink: ByteSink, write: () => Promise<Result>): Promise<Result> {
  try {
    const result = await write();
    await sink.commit();
    return result;
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

/** A sink that becomes a Blob, whose header is written last. */
function headLastSink(name: string, type?: string): ReturnType<typeof blobSink> {
  const rest = blobSink(name, type);
  let head = new Uint8Array(TIFF_HEADER);
  return {
    ...rest,
    async write(position, bytes, options) {
      if (position > 0) return rest.write(position - TIFF_HEADER, bytes, options);
      head = Uint8Array.from(bytes);
    },
    blob: () => new Blob([head, rest.blob()], { type: type ?? "" }),
  };
}
