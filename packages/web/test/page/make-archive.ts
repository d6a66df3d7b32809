import { planTransfer, runTransfer } from "@ozx/convert";
import type { AbsolutePath } from "@ozx/core";
import { memorySink, memoryStore } from "@ozx/core/container";
import { ozxFormat } from "@ozx/store-zip";
import { type SampleOptions, sampleMap } from "@ozx/testing";

/** The sample image as the bytes of an `.ozx`. */
export async function sampleArchive(options?: SampleOptions): Promise<Uint8Array> {
  return archiveOf(await sampleMap(options));
}

/** A hierarchy as the bytes of an `.ozx`. */
export async function archiveOf(entries: Map<AbsolutePath, Uint8Array>): Promise<Uint8Array> {
  const source = memoryStore(entries, "sample");
  const sink = memorySink();
  const target = ozxFormat.target?.(sink);
  if (target === undefined) throw new Error("the format cannot be written");
  await runTransfer(await planTransfer(source, ozxFormat), target);
  return sink.bytes().slice();
}

/** Specifies a colour for each label of the sample, so that the page chooses none. */
export function colorLabels(map: Map<AbsolutePath, Uint8Array>): void {
  const key = "/labels/cells/zarr.json";
  const document = JSON.parse(new TextDecoder().decode(map.get(key)));
  document.attributes.ome["image-label"].colors = Array.from({ length: 2000 }, (_, i) => ({
    "label-value": i + 1,
    rgba: [(i * 53) % 256, (i * 97) % 256, (i * 151) % 256, 255],
  }));
  map.set(key, new TextEncoder().encode(JSON.stringify(document)));
}
