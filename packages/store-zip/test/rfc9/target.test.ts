import { type AbsolutePath, type ByteSink, memorySink, memorySource, memoryStore } from "@ozx/core";
import { describe, expect, test } from "vitest";
import { openOzx, ozxFormat, parseComment } from "../../src/index.js";
import { ascii } from "../fixtures/bytes.js";

const document = (attributes: object, more = {}): Uint8Array =>
  ascii(JSON.stringify({ zarr_format: 3, node_type: "group", attributes, ...more }));

async function write(contents: Record<AbsolutePath, Uint8Array>, sink: ByteSink): Promise<void> {
  const map = new Map(Object.entries(contents) as [AbsolutePath, Uint8Array][]);
  const entries = [...map].map(([key, { length }]) => ({ key, size: length, content: key }));
  await ozxFormat.target(sink).write({ source: memoryStore(map, "image.zarr"), entries });
}

function sinkThatCounts(): ByteSink & { discards: number; writes: number } {
  const sink = {
    ...memorySink(),
    discards: 0,
    writes: 0,
    async write() {
      sink.writes++;
    },
    async discard() {
      sink.discards++;
    },
  };
  return sink;
}

describe("writing an .ozx", () => {
  test.for(["0.5", "0.6rc0", "0.10"])("its comment repeats the version %s of the image", async (version) => {
    const sink = memorySink();
    await write({ "/zarr.json": document({ ome: { version } }) }, sink);
    const { archive } = await openOzx(memorySource(sink.bytes()));
    expect(parseComment(archive.end.comment)).toEqual({ version, jsonFirst: true });
  });

  test.for([
    ["there is no zarr.json at the root", { "/a/zarr.json": document({}) }, "InvalidMetadata"],
    ["the root has no version", { "/zarr.json": document({ ome: {} }) }, "InvalidMetadata"],
    ["the version is no text", { "/zarr.json": document({ ome: { version: 0.5 } }) }, "InvalidMetadata"],
    ["the root is no OME-Zarr", { "/zarr.json": document({}) }, "InvalidMetadata"],
    ["the root is no JSON", { "/zarr.json": ascii("{") }, "InvalidMetadata"],
    ["the root is a list", { "/zarr.json": ascii("[]") }, "InvalidMetadata"],
    [
      "another archive lies in it",
      { "/zarr.json": document({ ome: { version: "0.5" } }), "/a/Old.OZX": ascii("PK") },
      "Unsupported",
    ],
  ] as const)("is refused where %s, and nothing is written", async ([, contents, tag]) => {
    const sink = sinkThatCounts();
    await expect(write(contents as unknown as Record<AbsolutePath, Uint8Array>, sink)).rejects.toMatchObject({
      _tag: tag,
      location: "image.zarr",
    });
    expect(sink).toMatchObject({ discards: 1, writes: 0 });
  });
});
