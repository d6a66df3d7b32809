import { describe, expect, test } from "vitest";
import { type Codecs, loadCodecs } from "../../src/codecs/codecs.js";
import { DamagedChunkError } from "../../src/codecs/fault.js";
import { isOzxError } from "../../src/errors.js";
import { type ChunkFrame, chunkData, decodeFrame, keptFrames, noise } from "./chunk-data.js";

const frames = await keptFrames();
const ways: (readonly [string, Codecs])[] = [
  ["the platform's zlib and WebAssembly", await loadCodecs()],
  ["WebAssembly", await loadCodecs({ engine: "simd", platform: false })],
  ["plain JavaScript", await loadCodecs({ engine: "plain", platform: false })],
];

describe.for(ways)("chunks that numcodecs has encoded, with %s", ([, codecs]) => {
  test.for(frames.map((frame) => [`${frame.codec} ${frame.name}`, frame] as const))("%s", ([, frame]) => {
    const expected = chunkData(frame.kind, frame.length);
    expect(Buffer.from(decodeFrame(codecs, frame, frame.frame)).equals(expected)).toBe(true);

    const into = new Uint8Array(frame.length + 5).fill(7);
    const decoded = decodeFrame(codecs, frame, frame.frame, into);
    expect(decoded.buffer).toBe(into.buffer);
    expect(Buffer.from(decoded).equals(expected)).toBe(true);
    expect([...into.subarray(frame.length)]).toEqual([7, 7, 7, 7, 7]);
  });

  test("a chunk that should have one byte more or less is refused", () => {
    for (const frame of frames) {
      for (const length of [frame.length - 1, frame.length + 1].filter((size) => size >= 0)) {
        expect(() => decodeFrame(codecs, { ...frame, length }, frame.frame), frame.name).toThrow(
          DamagedChunkError,
        );
      }
    }
  });

  test("a bound takes what is smaller and refuses what is larger", () => {
    for (const { codec, frame, length, kind } of frames.filter((frame) => frame.length > 0)) {
      const decoded = codecs[codec].decode(frame, { atMost: length + 100_000 });
      expect(Buffer.from(decoded).equals(chunkData(kind, length))).toBe(true);
      expect(() => codecs[codec].decode(frame, { atMost: length - 1 })).toThrow(DamagedChunkError);
    }
  });

  test("what is cut off is never made up", () => {
    for (const frame of frames.filter(({ length }) => length > 0)) {
      for (const cut of [0, 1, frame.frame.length >> 1, frame.frame.length - 1]) {
        const decode = (): unknown => decodeFrame(codecs, frame, frame.frame.subarray(0, cut));
        expect(decode, `${frame.codec} ${frame.name}`).toThrow(DamagedChunkError);
      }
    }
  });

  test("a buffer that is too small is the caller's fault", () => {
    const frame = frames.find(({ codec }) => codec === "blosc") as ChunkFrame;
    expect(() => decodeFrame(codecs, frame, frame.frame, new Uint8Array(frame.length - 1))).toThrow(
      RangeError,
    );
  });

  test("chunks after a damaged one are decoded as ever", () => {
    const [good] = frames.filter(({ codec }) => codec === "lz4");
    const { frame, length, kind } = good as ChunkFrame;
    const broken = frame.slice();
    new DataView(broken.buffer).setUint32(0, 2 ** 31 - 1, true);
    expect(() => codecs.lz4.decode(broken, length)).toThrow(DamagedChunkError);
    expect(() => codecs.lz4.decode(broken, 2 ** 31 - 1)).toThrow(DamagedChunkError);
    expect(codecs.lz4.decode(frame, length)).toEqual(chunkData(kind, length));
  });

  test("crc32c and shuffle", async () => {
    const bytes = noise(3000);
    const encoded = await codecs.crc32c.encode(bytes, undefined);
    // RFC 3720, B.4: 32 bytes of zeros.
    expect([...(await codecs.crc32c.encode(new Uint8Array(32), undefined)).subarray(32)]).toEqual([
      ...[0xaa, 0x36, 0x91, 0x8a],
    ]);
    expect(codecs.crc32c.decode(encoded, 3000)).toEqual(bytes);
    encoded[100] = (encoded[100] ?? 0) ^ 1;
    expect(() => codecs.crc32c.decode(encoded, 3000)).toThrow(/CRC-32C that it claims/);
    for (const size of [1, 2, 3, 4, 5, 8, 12]) {
      const shuffled = await codecs.shuffle(size).encode(bytes.subarray(0, size * 101), undefined);
      const expected = Uint8Array.from(
        shuffled,
        (_, at) => bytes[(at % 101) * size + Math.floor(at / 101)] ?? 0,
      );
      expect(shuffled).toEqual(expected);
      expect(codecs.shuffle(size).decode(shuffled, size * 101)).toEqual(bytes.subarray(0, size * 101));
    }
  });
});

test("faults are errors of this project, and say why", async () => {
  const { blosc, zstd, gzip } = await loadCodecs();
  const blank = new Uint8Array(20);
  const faultOf = (decode: () => unknown): unknown => {
    try {
      return decode();
    } catch (error) {
      return isOzxError(error, "CorruptData") ? error.message : error;
    }
  };
  expect(faultOf(() => blosc.decode(blank.subarray(0, 3), 64))).toBe(
    "A blosc chunk has 3 bytes, too few for a header.",
  );
  expect(faultOf(() => blosc.decode(blank, 64))).toBe(
    "A blosc chunk is of version 0 of its format, not of 2.",
  );
  expect(faultOf(() => zstd.decode(blank, 64))).toBe(
    "A zstd chunk does not decode: it contradicts its format.",
  );
  expect(faultOf(() => gzip.decode(blank, 64))).toMatch(/^A gzip chunk does not decode: /);
});

test("snappy is refused by its name", async () => {
  const { blosc } = await loadCodecs();
  const frame = new Uint8Array(64);
  frame.set([2, 1, 0x41, 2]);
  const view = new DataView(frame.buffer);
  view.setUint32(4, 1000, true);
  view.setUint32(8, 1000, true);
  view.setUint32(12, 64, true);
  expect(() => blosc.decode(frame, 1000)).toThrow(/snappy/);
});
