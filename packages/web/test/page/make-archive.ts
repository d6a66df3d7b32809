import { type AbsolutePath, memorySink, memoryStore, planTransfer, runTransfer } from "@ozx/core";
import { ozxFormat } from "@ozx/store-zip";
import { type SampleOptions, sampleMap } from "@ozx/testing";

/** The sample image as the bytes of an `.ozx`. */
export async function sampleArchive(options?: SampleOptions): Promise<Uint8Array> {
  return archiveOf(await sampleMap(options));
}

/** Keys and values as the bytes of an `.ozx`. */
export async function archiveOf(entries: Map<AbsolutePath, Uint8Array>): Promise<Uint8Array> {
  const source = memoryStore(entries, "sample");
  const sink = memorySink();
  const target = ozxFormat.target?.(sink);
  if (target === undefined) throw new Error("the format writes nothing");
  await runTransfer(await planTransfer(source, ozxFormat), target);
  return sink.bytes().slice();
}
