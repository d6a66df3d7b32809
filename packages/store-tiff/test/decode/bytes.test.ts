import { deflateSync } from "node:zlib";
import { loadCodecs } from "@ozx/core/codecs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSegment, type SegmentLayout } from "../../src/decode/decode-segment.js";
import { differences, encodeLzw, encodePackBits, floatDifferences, toBytes } from "./encode.js";
import { grayLayout } from "./layouts.js";

const codecs = await loadCodecs();
const COMPRESSIONS: readonly [string, number, (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>][] = [
  ["none", 1, (bytes) => bytes],
  ["LZW", 5, encodeLzw],
  ["Deflate", 8, (bytes) => new Uint8Array(deflateSync(bytes))],
  ["Deflate by its old number", 32946, (bytes) => new Uint8Array(deflateSync(bytes))],
  ["PackBits", 32773, encodePackBits],
  ["Zstandard", 50000, (bytes) => codecs.zstd.encode(bytes, { level: 3 })],
  ["Zstandard by its old number", 34926, (bytes) => codecs.zstd.encode(bytes, { level: 3 })],
];

/** Pixels of any size and type, with values that compress and values that do not. */
const pixels = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 9 }),
    samples: fc.constantFrom(1, 1, 2, 3, 4),
    size: fc.constantFrom(1, 2, 4, 8),
  })
  .chain(({ width, height, samples, size }) =>
    fc
      .array(
        fc.oneof(fc.bigInt({ min: 0n, max: 2n ** BigInt(8 * size) - 1n }), fc.constantFrom(0n, 1n, 200n)),
        {
          minLength: width * samples,
          maxLength: width * samples,
        },
      )
      .map((row) => ({
        ...{ width, height, samples, size },
        rows: Array.from({ length: height }, (_, k) => row.map((value) => (k % 3 === 1 ? 7n : value))),
      })),
  );

describe.each(COMPRESSIONS)("%s", (_, compression, encode) => {
  test("decodes samples of all sizes in both byte orders, with and without predictors", async () => {
    await fc.assert(
      fc.asyncProperty(pixels, fc.boolean(), async ({ width, height, samples, size, rows }, littleEndian) => {
        const layout = (predictor: number, sampleFormat: SegmentLayout["sampleFormat"]): SegmentLayout => ({
          ...grayLayout({ compression, predictor, width, height, littleEndian, sampleFormat }),
          ...{ samplesPerPixel: samples, bitsPerSample: 8 * size },
        });
        const expected = toBytes(rows, size, true);
        const plain = await encode(toBytes(rows, size, littleEndian));
        expect(await decodeSegment(plain, layout(1, "int"))).toEqual(expected);
        if (compression === 1) return;
        const apart = await encode(toBytes(differences(rows, size, samples), size, littleEndian));
        expect(await decodeSegment(apart, layout(2, "uint"))).toEqual(expected);
        if (size === 1) return;
        const floats = await encode(floatDifferences(rows, size, samples));
        expect(await decodeSegment(floats, layout(3, "float"))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test("decodes bytes that start anywhere in their buffer, and changes none of them", async () => {
    const rows = Array.from({ length: 8 }, (_, y) =>
      Array.from({ length: 16 }, (_, x) => BigInt(x * 300 + y)),
    );
    const layout = grayLayout({ compression, littleEndian: false, predictor: compression === 1 ? 1 : 2 });
    const values = compression === 1 ? rows : differences(rows, 2, 1);
    const encoded = await encode(toBytes(values, 2, false));
    for (const at of [0, 1, 2, 3]) {
      const buffer = Buffer.alloc(encoded.length + at + 5, 0xaa);
      buffer.set(encoded, at);
      const before = Buffer.from(buffer);
      const decoded = await decodeSegment(buffer.subarray(at, at + encoded.length), layout);
      expect(decoded).toEqual(toBytes(rows, 2, true));
      expect(decoded.buffer).not.toBe(buffer.buffer);
      expect(buffer.equals(before)).toBe(true);
    }
  });

  test("with the bits of each byte reversed is decoded as well", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, k) => (k * k) >> 3);
    const reversed = (await encode(bytes)).map((byte) => {
      return Number.parseInt([...byte.toString(2).padStart(8, "0")].reverse().join(""), 2);
    });
    const layout = grayLayout({ compression, width: 256, height: 1, bitsPerSample: 8, fillOrder: 2 });
    expect(await decodeSegment(reversed, layout)).toEqual(bytes);
  });

  test("of more rows than the last strip has is cut, and of fewer is an error", async () => {
    const bytes = Uint8Array.from({ length: 640 }, (_, k) => k * 7);
    const encoded = await encode(bytes);
    const layout = grayLayout({ compression, width: 64, bitsPerSample: 8 });
    const taken = await decodeSegment(encoded, { ...layout, height: 4, mostRows: 10 });
    expect(taken).toEqual(bytes.subarray(0, 256));
    await expect(decodeSegment(encoded, { ...layout, height: 11 })).rejects.toThrow(
      /is truncated|not to 704 bytes|less/,
    );
    // What follows the pixels is no reason to refuse them.
    expect(await decodeSegment(encoded, { ...layout, height: 9 })).toEqual(bytes.subarray(0, 576));
  });

  test("that is truncated is an error, wherever it ends", async () => {
    const bytes = Uint8Array.from({ length: 512 }, (_, k) => ((k * 2654435761) >>> 13) & 63);
    const encoded = await encode(bytes);
    const layout = grayLayout({ compression, width: 512, height: 1, bitsPerSample: 8 });
    // The end code of LZW, and the checksum of Deflate.
    const spare = compression === 5 ? 3 : 0;
    for (let length = 0; length < encoded.length - spare; length++) {
      await expect(decodeSegment(encoded.subarray(0, length), layout), `${length}`).rejects.toMatchObject({
        _tag: "CorruptData",
      });
    }
  });
});

test("samples of less than whole bytes are widened", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 31 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 40, maxLength: 40 }),
      fc.boolean(),
      async (bits, width, numbers, littleEndian) => {
        if (bits % 8 === 0) return;
        const size = bits < 8 ? 1 : bits < 16 ? 2 : 4;
        const rows = [0, 1].map((row) =>
          numbers.slice(20 * row, 20 * row + width).map((value) => value % 2 ** bits),
        );
        const stored = rows.flatMap((row) => {
          const text = row.map((value) => value.toString(2).padStart(bits, "0")).join("");
          return (text.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
        });
        const layout = grayLayout({ width, height: 2, bitsPerSample: bits, littleEndian });
        const expected = toBytes(
          rows.map((row) => row.map(BigInt)),
          size,
          true,
        );
        expect(await decodeSegment(Uint8Array.from(stored), layout)).toEqual(expected);
      },
    ),
  );
});

test("samples of three bytes have the file's byte order", async () => {
  const layout = grayLayout({ width: 2, height: 1, bitsPerSample: 24 });
  const little = Uint8Array.of(1, 2, 3, 0xff, 0, 0x80);
  expect([...(await decodeSegment(little, layout))]).toEqual([1, 2, 3, 0, 0xff, 0, 0x80, 0]);
  const big = Uint8Array.of(3, 2, 1, 0x80, 0, 0xff);
  expect([...(await decodeSegment(big, { ...layout, littleEndian: false }))]).toEqual([
    1, 2, 3, 0, 0xff, 0, 0x80, 0,
  ]);
});

test("floats of 24 bits keep their values", async () => {
  // A sign, 7 bits of exponent with a bias of 63, 16 of mantissa.
  const values: readonly [number, number][] = [
    [0x3f0000, 1],
    [0xc08000, -3],
    [0x3e5555, (0.5 * (65536 + 0x5555)) / 65536],
    [0x000000, 0],
    [0x800000, -0],
    [0x7f0000, Number.POSITIVE_INFINITY],
    [0x7f0001, Number.NaN],
    [0x000001, 2 ** -78],
    [0x010000, 2 ** -62],
  ];
  const layout = grayLayout({ width: values.length, height: 1, bitsPerSample: 24, sampleFormat: "float" });
  const big = Uint8Array.from(values.flatMap(([bits]) => [bits >> 16, (bits >> 8) & 255, bits & 255]));
  const floats = async (bytes: Uint8Array, littleEndian: boolean): Promise<number[]> => {
    const decoded = await decodeSegment(bytes, { ...layout, littleEndian });
    return [...new Float32Array(new Uint8Array(decoded).buffer)];
  };
  expect(await floats(big, false)).toEqual(values.map(([, value]) => value));
  const little = Uint8Array.from(values.flatMap(([bits]) => [bits & 255, (bits >> 8) & 255, bits >> 16]));
  expect(await floats(little, true)).toEqual(values.map(([, value]) => value));
});

test("LZW without a Clear code or an end code, and with several of them, is decoded", async () => {
  const codes = (...values: number[]): Uint8Array => {
    const text = values.map((value) => value.toString(2).padStart(9, "0")).join("");
    return Uint8Array.from(
      (text.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2)),
    );
  };
  const layout = grayLayout({ compression: 5, width: 6, height: 1, bitsPerSample: 8 });
  const six = (...values: number[]) => decodeSegment(codes(...values), layout).then((bytes) => [...bytes]);
  expect(await six(65, 66, 258, 65, 66)).toEqual([65, 66, 65, 66, 65, 66]);
  expect(await six(256, 256, 65, 258, 259, 257)).toEqual([65, 65, 65, 65, 65, 65]);
  expect(await six(256, 65, 66, 256, 67, 258, 68, 257)).toEqual([65, 66, 67, 67, 67, 68]);
  await expect(six(256, 65, 259)).rejects.toThrow("uses a code before it is defined");
  await expect(six(256, 258)).rejects.toThrow("uses a code before it is defined");
  await expect(six(256, 65, 66, 256, 258)).rejects.toThrow("before it is defined");
  await expect(six(256, 65, 257)).rejects.toThrow("is truncated: it has 1 of 6 bytes");
});
