import { sampled } from "@ozx/testing";
import Blosc from "numcodecs/blosc";
import { describe, expect, test } from "vitest";
import type { BloscOptions } from "../../src/codecs/blosc/encode-blosc.js";
import { type Codecs, loadCodecs } from "../../src/codecs/codecs.js";
import { isOzxError } from "../../src/errors.js";
import { chunkData, noise, sameBytes } from "./chunk-data.js";

const ways: (readonly [string, Codecs])[] = [
  ["the platform's zlib and WebAssembly", await loadCodecs()],
  ["plain JavaScript", await loadCodecs({ engine: "plain", platform: false })],
];

/** From Node 21 on. */
const hasTransfer = "transfer" in ArrayBuffer.prototype;

const CHUNKS = [
  new Uint8Array(0),
  noise(1),
  noise(127),
  noise(5000),
  chunkData("zeros", 100_000),
  chunkData("u16", 70_001),
  chunkData("text", 3000),
];

describe.for(ways)("what is encoded decodes to what it was, with %s", ([, codecs]) => {
  test("blosc", async () => {
    const sizes = [
      [1, 0] as const,
      [2, 0] as const,
      [3, 200] as const,
      [8, 4096] as const,
      [255, 0] as const,
    ];
    const combinations = (["lz4", "zstd", "zlib"] as const).flatMap((cname) =>
      (["noshuffle", "shuffle", "bitshuffle"] as const).flatMap((shuffle) =>
        sizes.map(([typesize, blocksize]) => ({ cname, shuffle, typesize, clevel: 6, blocksize })),
      ),
    );
    for (const bytes of CHUNKS) {
      for (const options of sampled<BloscOptions>(combinations, 12)) {
        const frame = await codecs.blosc.encode(bytes, options);
        expect(sameBytes(codecs.blosc.decode(frame, bytes.length), bytes), JSON.stringify(options)).toBe(
          true,
        );
        expect(frame.length).toBeLessThanOrEqual(bytes.length + 16);
      }
    }
  });

  test("lz4, zstd, gzip and zlib", async () => {
    for (const bytes of CHUNKS.slice(1)) {
      for (const acceleration of [1, 7, 100_000]) {
        const lz4 = await codecs.lz4.encode(bytes, { acceleration });
        expect(sameBytes(codecs.lz4.decode(lz4, bytes.length), bytes)).toBe(true);
      }
      for (const checksum of [false, true]) {
        const zstd = await codecs.zstd.encode(bytes, { level: 3, checksum });
        expect(sameBytes(codecs.zstd.decode(zstd, bytes.length), bytes)).toBe(true);
      }
      const gzip = await codecs.gzip.encode(bytes, { level: 6 });
      expect([...gzip.subarray(4, 8), gzip[9]]).toEqual([0, 0, 0, 0, 255]);
      expect(sameBytes(codecs.gzip.decode(gzip, bytes.length), bytes)).toBe(true);
      expect(
        sameBytes(codecs.zlib.decode(await codecs.zlib.encode(bytes, { level: 6 }), bytes.length), bytes),
      ).toBe(true);
    }
  });

  test("large chunks decode into memory of the caller, and frames have no memory behind them", async () => {
    const bytes = noise(2 * 1024 * 1024);
    const into = new Uint8Array(bytes.length);
    for (const name of ["zstd", "gzip"] as const) {
      const frame = await codecs[name].encode(bytes, { level: 6 });
      if (name === "zstd" && hasTransfer) expect(frame.buffer.byteLength).toBe(frame.length);
      expect(sameBytes(codecs[name].decode(frame, bytes.length, into), bytes)).toBe(true);
      expect(sameBytes(codecs[name].decode(frame, bytes.length), bytes)).toBe(true);
    }
  });

  test("a checksum of zstd is compared", async () => {
    const bytes = noise(1000);
    const frame = await codecs.zstd.encode(bytes, { level: 1, checksum: true });
    const at = frame.length - 100;
    frame[at] = (frame[at] ?? 0) ^ 1;
    expect(() => codecs.zstd.decode(frame, 1000)).toThrow(/does not/);
  });

  test.for([
    ["gzip", -1],
    ["gzip", 10],
    ["zlib", -1],
    ["zstd", 23],
    ["zstd", -131_073],
    ["zstd", 1.5],
  ] as const)("%s has no level %d", async ([name, level]) => {
    const error = await codecs[name].encode(noise(10), { level }).catch((thrown: unknown) => thrown);
    expect(isOzxError(error, "Usage") && error.message).toMatch(/^invalid compression level .* takes/);
  });

  test("blosc has no level 10 and no elements of 256 bytes", async () => {
    const options = { cname: "lz4", shuffle: "shuffle", typesize: 2, clevel: 5 } as const;
    await expect(codecs.blosc.encode(noise(10), { ...options, clevel: 10 })).rejects.toThrow(/level 10/);
    await expect(codecs.blosc.encode(noise(10), { ...options, typesize: 256 })).rejects.toThrow(/256/);
  });
});

describe("a frame of Blosc is decoded by c-blosc", async () => {
  const codecs = await loadCodecs();
  const peer = Blosc.fromConfig({ id: "blosc" });
  test.for(["lz4", "zstd", "zlib"] as const)("with %s", async (cname) => {
    for (const bytes of [chunkData("u16", 800_000), chunkData("u16", 262_144), noise(80), noise(300_000)]) {
      for (const shuffle of ["noshuffle", "shuffle", "bitshuffle"] as const) {
        for (const typesize of [1, 2, 8, 16]) {
          const options = { cname, shuffle, typesize, clevel: 5 };
          const decoded = await peer.decode(await codecs.blosc.encode(bytes, options));
          expect(sameBytes(decoded, bytes), JSON.stringify(options)).toBe(true);
        }
      }
    }
  });
});
