import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadCodecs } from "../../src/codecs/codecs.js";
import { DamagedChunkError } from "../../src/codecs/fault.js";

const ways = [
  ["WebAssembly", await loadCodecs({ engine: "simd", platform: false })],
  ["plain JavaScript", await loadCodecs({ engine: "plain", platform: false })],
  ["the platform", await loadCodecs()],
] as const;

/** A frame of 100,000 blocks, each a run of 128 KiB: 13 GB of zeros in 400 kB. */
function zstdBomb(): Uint8Array {
  const frame = new Uint8Array(6 + 4 * 100_000);
  frame.set([0x28, 0xb5, 0x2f, 0xfd, 0, 0x78]);
  for (let k = 0; k < 100_000; k++) {
    const header = (131_072 << 3) | (1 << 1) | Number(k === 99_999);
    frame.set([header & 255, (header >> 8) & 255, header >> 16, 0], 6 + 4 * k);
  }
  return frame;
}

/** One sequence of LZ4 that repeats a zero some gigabytes long. */
function lz4Bomb(size: number): Uint8Array {
  const bomb = new Uint8Array(4 + 16_000_000).fill(255);
  new DataView(bomb.buffer).setUint32(0, size, true);
  bomb.set([0x1f, 0, 1, 0], 4);
  bomb.set([0, 0x50, 0, 0, 0, 0, 0], bomb.length - 7);
  return bomb;
}

describe.for(ways)("decompression bombs, with %s", ([, codecs]) => {
  test("decoding stops at the size of the chunk", () => {
    const size = 65_536;
    const gzip = new Uint8Array(gzipSync(new Uint8Array(50_000_000)));
    expect(() => codecs.gzip.decode(gzip, size)).toThrow(/more than 65536 bytes/);
    expect(() => codecs.zstd.decode(zstdBomb(), size)).toThrow(/more than 65536 bytes/);
    expect(() => codecs.lz4.decode(lz4Bomb(size), size)).toThrow(DamagedChunkError);
    expect(() => codecs.lz4.decode(lz4Bomb(4_000_000_000), size)).toThrow(/decodes to 4000000000/);
  });

  test.for([
    ["chunk", 4, 0x7fffffff],
    ["chunk that 32 bits wrap around", 4, 0xffffffff],
    ["block", 8, 0x7fffffff],
    ["frame", 12, 0xffffffff],
    ["offset of a block", 16, 0x7fffffff],
    ["stream", 20, 0x7fffffff],
  ] as const)("a blosc frame with a large %s takes no memory", ([, at, value]) => {
    const frame = new Uint8Array(64);
    const view = new DataView(frame.buffer);
    frame.set([2, 1, 0x21, 2]);
    view.setUint32(4, 4096, true);
    view.setUint32(8, 4096, true);
    view.setUint32(12, 64, true);
    view.setUint32(16, 20, true);
    view.setUint32(20, 30, true);
    view.setUint32(at, value, true);
    const before = process.memoryUsage().rss;
    expect(() => codecs.blosc.decode(frame, 4096)).toThrow(DamagedChunkError);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  test("a deflated chunk without an end ends", () => {
    const zeros = new Uint8Array(100_000);
    zeros.set([0x1f, 0x8b, 8]);
    expect(() => codecs.gzip.decode(zeros, 1000)).toThrow(DamagedChunkError);
  });
});
