import { describe, expect, test } from "vitest";
import { decodeSegment, describeCompression, type SegmentLayout } from "../../src/decode/decode-segment.js";
import { keptSegment } from "./kept-segments.js";
import { grayLayout, rgbLayout } from "./layouts.js";

const BYTES = new Uint8Array(4096);

describe("compressions that are not decoded", () => {
  test.each([
    [2, "CCITT Huffman RLE"],
    [3, "CCITT Group 3"],
    [4, "CCITT Group 4"],
    [6, "old-style JPEG"],
    [22610, "JPEG XR (NDPI)"],
    [34925, "LZMA"],
    [34933, "PNG"],
    [50002, "JPEG XL"],
    [52546, "JPEG XL"],
    [65000, "EER electron counts"],
  ])("%i is refused as %s, with a reason", async (compression, name) => {
    expect(describeCompression(compression)).toEqual({ name, supported: false, reason: expect.any(String) });
    const refusal = decodeSegment(BYTES, grayLayout({ compression }));
    await expect(refusal).rejects.toMatchObject({ _tag: "Unsupported", feature: name });
    await expect(refusal).rejects.toThrow(`has ${name} (${compression}) pixels, which are not supported: `);
  });

  test.each([0, 12345, -1, 1.5, Number.NaN])("%d is no known number", async (compression) => {
    expect(describeCompression(compression)).toMatchObject({
      name: `compression ${compression}`,
      supported: false,
    });
    await expect(decodeSegment(BYTES, grayLayout({ compression }))).rejects.toMatchObject({
      _tag: "Unsupported",
    });
  });

  test("names that every object has are none", () => {
    expect(describeCompression("constructor" as unknown as number).supported).toBe(false);
  });

  test("those that are decoded have a name", () => {
    const names = [1, 5, 7, 8, 32773, 32946, 33003, 33005, 34712, 34887, 50000, 50001].map((code) => {
      return describeCompression(code);
    });
    expect(names.every(({ supported, reason }) => supported && reason === undefined)).toBe(true);
    expect(new Set(names.map(({ name }) => name)).size).toBe(9);
  });
});

describe("layouts that are not read", () => {
  test.each<[string, Partial<SegmentLayout>, string]>([
    [
      "a predictor of another program",
      { compression: 5, predictor: 34892 },
      "predictor 34892 with uint samples of 16 bits",
    ],
    [
      "differences of packed samples",
      { compression: 5, predictor: 2, bitsPerSample: 12 },
      "predictor 2 with uint samples of 12 bits",
    ],
    [
      "differences of samples of three bytes",
      { compression: 8, predictor: 2, bitsPerSample: 24 },
      "predictor 2",
    ],
    [
      "the floating point predictor of integers",
      { compression: 8, predictor: 3 },
      "predictor 3 with uint samples of 16 bits",
    ],
    [
      "YCbCr that no JPEG tells of",
      { compression: 5, photometric: 6, bitsPerSample: 8 },
      "is YCbCr with the compression LZW",
    ],
    ["YCbCr without compression", { photometric: 6, bitsPerSample: 8 }, "is YCbCr with no compression"],
    ["signed packed samples", { sampleFormat: "int", bitsPerSample: 12 }, "has signed samples of 12 bits"],
    ["floats of 8 bits", { sampleFormat: "float", bitsPerSample: 8 }, "has float samples of 8 bits"],
    ["samples of 128 bits", { bitsPerSample: 128 }, "has unsigned samples of 128 bits"],
    ["samples of no bits", { bitsPerSample: 0 }, "has unsigned samples of 0 bits"],
    ["a segment of 6 GB", { width: 60_000, height: 50_000 }, "at most 2147483647 are decoded at once"],
  ])("%s", async (_, layout, message) => {
    const refusal = decodeSegment(BYTES, grayLayout(layout));
    await expect(refusal).rejects.toMatchObject({ _tag: "Unsupported" });
    await expect(refusal).rejects.toThrow(message);
  });

  test.each<[string, Partial<SegmentLayout>]>([
    ["no columns", { width: 0 }],
    ["a number of rows that is none", { height: Number.NaN }],
    ["half a sample", { samplesPerPixel: 0.5 }],
  ])("%s are an error of the file", async (_, layout) => {
    await expect(decodeSegment(BYTES, grayLayout(layout))).rejects.toMatchObject({ _tag: "CorruptData" });
  });

  test("a predictor without compression is ignored, as other readers do", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, k) => k);
    expect(await decodeSegment(bytes, grayLayout({ predictor: 2 }))).toEqual(bytes);
  });

  test("a task that is no longer wanted does not start", async () => {
    const signal = AbortSignal.abort(new Error("no longer"));
    await expect(decodeSegment(BYTES, grayLayout(), { signal })).rejects.toThrow("no longer");
  });
});

/** A JPEG with one byte of its frame changed. */
function withFrame(change: (frame: Uint8Array) => void): { bytes: Uint8Array; layout: SegmentLayout } {
  const { encoded, layout } = keptSegment("JPEG YCbCr without markers");
  const at = encoded.findIndex((byte, k) => byte === 0xff && encoded[k + 1] === 0xc0);
  change(encoded.subarray(at));
  return { bytes: encoded, layout };
}

/** A codestream with its size changed. */
function withSize(change: (size: DataView) => void, name = "33005 without a transform") {
  const { encoded, layout } = keptSegment(name);
  const at = encoded.findIndex((byte, k) => byte === 0xff && encoded[k + 1] === 0x51);
  change(new DataView(encoded.buffer, encoded.byteOffset + at));
  return { bytes: encoded, layout };
}

describe("pictures of kinds that a library does not decode, or not to what they are", () => {
  test.each<[string, () => { bytes: Uint8Array; layout: SegmentLayout }, string]>([
    ["JPEG of 12 bits", () => withFrame((frame) => frame.fill(12, 4, 5)), "is JPEG with samples of 12 bits"],
    ["lossless JPEG", () => withFrame((frame) => frame.fill(0xc3, 1, 2)), "is JPEG with lossless coding"],
    ["arithmetic JPEG", () => withFrame((frame) => frame.fill(0xc9, 1, 2)), "is JPEG with arithmetic coding"],
    [
      "hierarchical JPEG",
      () => withFrame((frame) => frame.fill(0xc5, 1, 2)),
      "is JPEG with hierarchical coding",
    ],
    ["an image offset", () => withSize((size) => size.setUint32(14, 1)), "is JPEG 2000 with an offset"],
    [
      "thousands of tiles",
      () =>
        withSize((size) => {
          for (const at of [6, 10]) size.setUint32(at, 99);
          for (const at of [22, 26]) size.setUint32(at, 1);
        }),
      "is JPEG 2000 with 9801 tiles",
    ],
    [
      "samples of 17 bits",
      () => withSize((size) => [0, 1, 2].forEach((k) => void size.setUint8(40 + 3 * k, 16))),
      "samples of 17 bits",
    ],
    [
      "samples of different types",
      () => withSize((size) => size.setUint8(43, 11)),
      "samples of different types",
    ],
    [
      "luminance that is subsampled",
      () => withSize((size) => size.setUint8(41, 2)),
      "JPEG 2000 with subsampled components",
    ],
    [
      "4:1:1",
      () =>
        withSize(
          (size) => [1, 2].forEach((k) => void size.setUint8(41 + 3 * k, 4)),
          "33003 of Aperio: YCbCr 4:2:2",
        ),
      "JPEG 2000 with subsampled components",
    ],
    [
      "signed bytes",
      () => withSize((size) => [0, 1, 2].forEach((k) => void size.setUint8(40 + 3 * k, 0x87))),
      "signed samples of 8 bits",
    ],
  ])("%s", async (_, make, message) => {
    const { bytes, layout } = make();
    const refusal = decodeSegment(bytes, layout);
    await expect(refusal).rejects.toMatchObject({ _tag: "Unsupported" });
    await expect(refusal).rejects.toThrow(message);
  });

  test("pictures whose samples are not those of the layout are errors", async () => {
    const { encoded, layout } = keptSegment("JPEG 2000 i2");
    await expect(decodeSegment(encoded, { ...layout, sampleFormat: "uint" })).rejects.toThrow(
      "holds int samples of 16 bits and not uint samples of 16 bits",
    );
    const floats = keptSegment("LERC f8");
    await expect(decodeSegment(floats.encoded, { ...floats.layout, littleEndian: false })).rejects.toThrow(
      "LERC with floating-point samples in a big-endian file, which is not supported",
    );
    const lerc = keptSegment("LERC u2");
    await expect(decodeSegment(lerc.encoded, { ...lerc.layout, bitsPerSample: 32 })).rejects.toThrow(
      "holds uint samples of 16 bits and not uint samples of 32 bits",
    );
    const webp = keptSegment("WebP lossless RGB {}");
    await expect(decodeSegment(webp.encoded, { ...webp.layout, bitsPerSample: 16 })).rejects.toThrow(
      "is WebP with uint samples of 16 bits, which is not supported",
    );
  });

  test.each([7, 33005, 34887, 50001])(
    "bytes that are no picture are an error in compression %i",
    async (compression) => {
      for (const bytes of [
        new Uint8Array(0),
        new Uint8Array(1),
        BYTES,
        new TextEncoder().encode("P6 this is none".repeat(9)),
      ]) {
        await expect(decodeSegment(bytes, rgbLayout(compression))).rejects.toMatchObject({
          _tag: "CorruptData",
        });
      }
    },
  );
});
