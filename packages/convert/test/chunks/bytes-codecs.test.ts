import { deflateSync, gunzipSync } from "node:zlib";
import { type Codecs, loadCodecs } from "@ozx/core/codecs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { rewrapZlib } from "../../../core/src/zarr/codec/coding-task.js";
import { decodeBytes } from "../../../core/src/zarr/codec/decode-bytes.js";
import { encodeBytes } from "../../../core/src/zarr/codec/encode-bytes.js";
import { parseCodecRequest, requestedCodecs } from "../../src/chunks/codec-request.js";

let platform: Codecs;
/** As in a page: without the zlib of Node. */
let page: Codecs;
beforeAll(async () => {
  platform = await loadCodecs();
  page = await loadCodecs({ platform: false });
});

/** Numbers that compress, with a remainder that is no whole block. */
const smooth = (length: number): Uint8Array =>
  new Uint8Array(Uint16Array.from({ length: length / 2 }, (_, i) => 100 + ((i * i) % 977)).buffer);
const noise = fc.sample(fc.uint8Array({ minLength: 300_000, maxLength: 300_000 }), {
  numRuns: 1,
  seed: 1,
})[0];

describe("a codec that is asked for decodes to what was encoded", () => {
  test.for([
    ...["none", "zstd", "zstd:1", "zstd:22", "gzip", "gzip:0", "gzip:9", "blosc", "blosc:zstd:9:noshuffle"],
    ...["blosc:lz4:0", "blosc:lz4:1:bitshuffle", "blosc:zlib:3:shuffle"],
  ])("%s", async (text) => {
    for (const itemSize of [1, 2, 4, 8]) {
      const codecs = requestedCodecs(parseCodecRequest(text), itemSize);
      for (const bytes of [smooth(300_000), noise, new Uint8Array(16), new Uint8Array(0)]) {
        const encoded = await encodeBytes(codecs, bytes as Uint8Array, platform);
        const decoded = await decodeBytes(
          codecs,
          { bytes: encoded, size: (bytes as Uint8Array).length },
          platform,
        );
        expect(Buffer.compare(decoded as Uint8Array, bytes as Uint8Array)).toBe(0);
        const again = await encodeBytes(codecs, bytes as Uint8Array, platform);
        expect(Buffer.compare(again, encoded)).toBe(0);
      }
    }
  });

  test("a flipped bit in what --codec zstd has written is found, and none of it becomes a pixel", async () => {
    const codecs = requestedCodecs(parseCodecRequest("zstd"), 2);
    const encoded = await encodeBytes(codecs, smooth(100_000), platform);
    for (const other of [platform, page]) {
      const made = await encodeBytes(codecs, smooth(100_000), other);
      expect((made[4] as number) & 4, "the flag of a checksum").toBe(4);
    }
    for (let at = 0; at < encoded.length; at += Math.ceil(encoded.length / 100)) {
      const damaged = encoded.slice();
      damaged[at] = (damaged[at] as number) ^ 8;
      const decoded = decodeBytes(codecs, { bytes: damaged, size: 100_000 }, platform);
      if (typeof decoded !== "string") expect(Buffer.compare(decoded, smooth(100_000)), `byte ${at}`).toBe(0);
    }
  });

  test("followed by a checksum", async () => {
    const codecs = [...requestedCodecs({ name: "zstd" }, 2), { name: "crc32c", configuration: {} }];
    const encoded = await encodeBytes(codecs, smooth(1000), platform);
    expect(await decodeBytes(codecs, { bytes: encoded, size: 1000 }, platform)).toEqual(smooth(1000));
    encoded[3] = (encoded[3] as number) ^ 1;
    expect(await decodeBytes(codecs, { bytes: encoded, size: 1000 }, platform)).toMatch(/CRC-32C/);
  });
});

describe("a frame of Blosc", () => {
  test("knows the size of elements, and so is smaller than with another one", async () => {
    const options = { cname: "lz4", clevel: 5, shuffle: "shuffle" } as const;
    const right = await platform.blosc.encode(smooth(600_000), { ...options, typesize: 2 });
    expect(right[3]).toBe(2);
    const wrong = await platform.blosc.encode(smooth(600_000), { ...options, typesize: 1 });
    expect(right.length).toBeLessThan(wrong.length);
  });

  test("of incompressible data is hardly larger", async () => {
    const bytes = noise as Uint8Array;
    const options = { typesize: 2, cname: "zstd", clevel: 1, shuffle: "shuffle" } as const;
    const frame = await platform.blosc.encode(bytes, options);
    expect(frame.length).toBeLessThanOrEqual(bytes.length + 16);
  });
});

describe("damaged chunks", () => {
  const decode = (name: string, bytes: Uint8Array, size: number) =>
    decodeBytes([{ name, configuration: {} }], { bytes, size }, platform);

  test.for(["zstd", "gzip", "zlib", "blosc", "lz4"])("%s: garbage is reported, not thrown", async (name) => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(3), (noise as Uint8Array).slice(0, 5000)]) {
      expect(await decode(name, bytes, 4096)).toBeTypeOf("string");
    }
  });

  test.for(["zstd", "gzip", "blosc"] as const)("%s: a wrong size is reported", async (name) => {
    const encoded = await encodeBytes(requestedCodecs({ name }, 2), smooth(4096), platform);
    for (const size of [4095, 4097, 100]) expect(await decode(name, encoded, size)).toMatch(/decodes to/);
  });

  test("a few bytes that claim to be gigabytes are not inflated", async () => {
    const bomb = deflateSync(new Uint8Array(50_000_000));
    expect(await decode("zlib", bomb, 1000)).toBe("decodes to more than 1000 bytes");
    const lz4 = await platform.lz4.encode(new Uint8Array(1000), {});
    new DataView(lz4.buffer).setUint32(0, 0x7fffffff, true);
    expect(await decode("lz4", lz4, 1000)).toMatch(/not to 1000 bytes/);
  });
});

describe("deflate", () => {
  test.for(["page", "Node"] as const)(
    "by a %s has neither a time nor a system, and is inflated by the other",
    async (where) => {
      const bytes = await (where === "page" ? page : platform).gzip.encode(smooth(10_000), { level: 6 });
      expect([...bytes.subarray(4, 8), bytes[9]]).toEqual([0, 0, 0, 0, 255]);
      const gzip = [{ name: "gzip", configuration: {} }];
      for (const other of [page, platform]) {
        const inflated = decodeBytes(gzip, { bytes, size: 10_000 }, other);
        expect(Buffer.compare(inflated as Uint8Array, smooth(10_000))).toBe(0);
        expect(decodeBytes(gzip, { bytes, size: 9_999 }, other)).toBe("decodes to more than 9999 bytes");
        expect(decodeBytes(gzip, { bytes: bytes.subarray(0, 50), size: 10_000 }, other)).toMatch(
          /does not decode/,
        );
      }
    },
  );

  test("a level that a browser does not support is refused, naming the supported one", async () => {
    await expect(page.gzip.encode(smooth(10), { level: 9 })).rejects.toMatchObject({ _tag: "Unsupported" });
  });

  test("bytes behind zlib's data, which its readers ignore, do not damage the gzip that it becomes", async () => {
    const zlib = Buffer.concat([deflateSync(smooth(1000)), Buffer.from("behind")]);
    const gzip = await rewrapZlib(new Uint8Array(zlib), 1000, platform);
    if (typeof gzip === "string") throw new Error(gzip);
    expect(Buffer.compare(gunzipSync(gzip), smooth(1000))).toBe(0);
  });

  test.for([0, 1, 6, 9] as const)(
    "zlib of level %s becomes gzip around the same compressed data",
    async (level) => {
      const zlib = deflateSync(smooth(100_000), { level });
      const gzip = await rewrapZlib(zlib, 100_000, platform);
      if (typeof gzip === "string") throw new Error(gzip);
      expect(Buffer.compare(gunzipSync(gzip), smooth(100_000))).toBe(0);
      expect(Buffer.compare(gzip.subarray(10, -8), zlib.subarray(2, -4))).toBe(0);
      expect(await rewrapZlib(zlib.subarray(0, 50), 100_000, platform)).toMatch(/does not decode/);
    },
  );
});

describe("what is asked for", () => {
  test.for([
    "",
    "lz4",
    "zstd:0",
    "zstd:23",
    "zstd:5:6",
    "gzip:-1",
    "gzip:10",
    "blosc:snappy",
    "blosc:lz4:10",
    "none:1",
  ])("%j is refused, listing the supported codecs", (text) => {
    expect(() => parseCodecRequest(text)).toThrow(/ask for zstd:1 to zstd:22/);
  });

  test("single bytes get bitshuffle, all others shuffle", () => {
    const shuffleFor = (itemSize: number) =>
      requestedCodecs(parseCodecRequest("blosc"), itemSize)[0]?.configuration["shuffle"];
    expect([1, 2, 8].map(shuffleFor)).toEqual(["bitshuffle", "shuffle", "shuffle"]);
  });
});
