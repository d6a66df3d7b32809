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
