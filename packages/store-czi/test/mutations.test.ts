import { loadCodecs } from "@ozx/core/codecs";
import { memorySource } from "@ozx/core/container";
import { expectReadOrRefused, fuzzRuns } from "@ozx/testing";
import { test } from "vitest";
import { encodeLzw } from "../../store-tiff/test/decode/encode.js";
import { openCzi } from "../src/index.js";
import { buildCzi, maskOf, type TileToWrite, valuesOf, xmlOf } from "./fixtures/build-czi.js";

const pixels = valuesOf(16, 16);
const SIDES = { width: 16, height: 16, pixels };
const XML = xmlOf(
  '<Information><Image><Dimensions><S><Scenes><Scene Index="0" Name="a"><ArrayName>A1</ArrayName></Scene></Scenes></S></Dimensions></Image></Information>',
);

async function filesOf(): Promise<(readonly [string, Uint8Array])[]> {
  const { zstd } = await loadCodecs();
  const frame = await zstd.encode(pixels, { level: 3 });
  const compressed = (compression: number, bytes: Uint8Array, type = 0): TileToWrite => ({
    ...SIDES,
    ...{ compression, type, pixels: bytes, width: type === 1 ? 8 : 16 },
  });
  return [
    [
      "planes",
      buildCzi(
        [0, 1].map((T) => ({ ...SIDES, at: { T, S: 0 } })),
        { xml: XML },
      ),
    ],
    [
      "a mosaic with masks",
      buildCzi(
        [0, 1, 2].map((M) => ({ ...SIDES, at: { M }, x: 12 * M, attachment: maskOf(["1".repeat(16)]) })),
      ),
    ],
    [
      "levels",
      buildCzi([
        SIDES,
        { ...SIDES, width: 8, height: 8, factor: 2, pixels: valuesOf(8, 8) },
        { ...SIDES, at: { S: 1 } },
      ]),
    ],
    ["frames", buildCzi([compressed(5, frame)])],
    ["packed frames", buildCzi([compressed(6, new Uint8Array([3, 1, 1, ...frame]), 1)])],
    ["LZW", buildCzi([compressed(2, encodeLzw(pixels))])],
    ["no directory", buildCzi([SIDES, { ...SIDES, at: { T: 1 } }], { noDirectory: true, xml: XML })],
    ["attachments", buildCzi([SIDES], { attachments: [["TimeStamps", "CZTIMS", new Uint8Array(32)]] })],
  ];
}

test("files with changed bytes are read, or refused with an error that says why", {
  timeout: 300_000,
}, async () => {
  const files = await filesOf();
  const open = async (bytes: Uint8Array) => openCzi(memorySource(bytes, "cells.czi"));
  for (const [, original] of files) {
    await expectReadOrRefused(original, open, {
      runs: Math.ceil(fuzzRuns({ sample: 800 }) / files.length),
      ...{ headers: 1100, name: "cells.czi" },
    });
  }
});
