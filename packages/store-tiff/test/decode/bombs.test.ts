import { deflateSync } from "node:zlib";
import { loadCodecs } from "@ozx/core/codecs";
import { describe, expect, test } from "vitest";
import { decodeSegment } from "../../src/decode/decode-segment.js";
import { encodeLzw, encodePackBits } from "./encode.js";
import { keptSegment } from "./kept-segments.js";
import { grayLayout } from "./layouts.js";

const MB = 1024 * 1024;
const ZEROS = new Uint8Array(40 * MB);

/** How many bytes of memory a function's work leaves behind at most. */
async function memoryOf(run: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  await run();
  return process.memoryUsage().rss - before;
}

describe("decompression bombs", () => {
  test.each([
    ["Deflate", 8, (bytes: Uint8Array) => new Uint8Array(deflateSync(bytes))],
    ["Zstandard", 50000, async (bytes: Uint8Array) => (await loadCodecs()).zstd.encode(bytes, { level: 3 })],
  ] as const)(
    "%s that comes to far more than its strip is an error, and stops there",
    async (_, compression, encode) => {
      const bomb = await encode(ZEROS);
      const layout = grayLayout({ compression, width: 1000, height: 10, bitsPerSample: 8 });
      await expect(decodeSegment(bomb, layout)).rejects.toThrow("decodes to more than 75536 bytes");
      const inLerc = { ...layout, compression: 34887 };
      await expect(decodeSegment(bomb, inLerc)).rejects.toThrow(
        /LERC in .* decodes to more than 76786 bytes/,
      );
    },
  );

  test.each([
    ["LZW", 5, encodeLzw],
    ["PackBits", 32773, encodePackBits],
  ] as const)("%s is decoded as far as its strip goes", async (_, compression, encode) => {
    const bomb = encode(ZEROS.subarray(0, MB));
    const layout = grayLayout({ compression, width: 1000, height: 1, bitsPerSample: 8 });
    expect(await decodeSegment(bomb, layout)).toEqual(new Uint8Array(1000));
  });
});

describe("pictures that lie about their size", () => {
  test("JPEG of 65535 × 65535 takes no memory", async () => {
    const { encoded, layout } = keptSegment("JPEG YCbCr without markers");
    const at = encoded.findIndex((byte, k) => byte === 0xff && encoded[k + 1] === 0xc0);
    encoded.fill(0xff, at + 5, at + 9);
    const taken = await memoryOf(async () => {
      await expect(decodeSegment(encoded, layout)).rejects.toThrow(
        "holds 65535 × 65535 pixels and not 96 × 64",
      );
    });
    expect(taken).toBeLessThan(64 * MB);
  });

  test("JPEG 2000 of a size that only its tiles know takes no memory", async () => {
    const { encoded, layout } = keptSegment("33005 without a transform");
    const view = new DataView(encoded.buffer, encoded.byteOffset);
    // Width and height, then those of tiles.
    for (const at of [8, 12]) view.setUint32(at, 0xffffffff);
    await expect(decodeSegment(encoded, layout)).rejects.toMatchObject({ _tag: "Unsupported" });
    for (const at of [24, 28]) view.setUint32(at, 0xffffffff);
    await expect(decodeSegment(encoded, layout)).rejects.toThrow("holds 4294967295 × 4294967295 pixels");
  });

  test("LERC of 2 billion rows, or of as many values a pixel, takes no memory", async () => {
    for (const [at, message] of [
      [14, "holds 45 × 2147483647 pixels"],
      [22, /holds 2147483647 samples per pixel|contradicts itself/],
      [34, "is truncated"],
    ] as const) {
      const { encoded, layout } = keptSegment("LERC with a tolerance");
      new DataView(encoded.buffer, encoded.byteOffset).setInt32(at, 0x7fffffff, true);
      await expect(decodeSegment(encoded, layout)).rejects.toThrow(message);
    }
  });

  test("WebP whose file says less than its picture is an error", async () => {
    const { encoded, layout } = keptSegment("WebP lossless RGB {}");
    new DataView(encoded.buffer, encoded.byteOffset).setUint32(21, 0x0fffffff, true);
    await expect(decodeSegment(encoded, layout)).rejects.toThrow(
      /holds 16384 × 16384 pixels and not 48 × 40/,
    );
  });
});
