import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { isOzxError } from "@ozx/core";
import { loadCodecs } from "@ozx/core/codecs";
import { fuzzRuns } from "@ozx/testing";
import { decodedSampleBytes } from "@ozx/virtual/decode";
import { expect, test } from "vitest";
import { damage, seeded } from "../../../core/test/codecs/chunk-data.js";
import { decodeSegment, type SegmentLayout } from "../../src/decode/decode-segment.js";
import { encodeLzw, encodePackBits } from "./encode.js";
import { type KeptSegment, keptSegments } from "./kept-segments.js";
import { grayLayout } from "./layouts.js";

const RUNS = fuzzRuns({ sample: 150, full: 2_500 });
/** Of decoders that are libraries, and take up to 8 ms each. */
const FEWER_RUNS = fuzzRuns({ sample: 75, full: 500 });
const SEED = process.env["OZX_FUZZ_SEED"];

type Segment = Pick<KeptSegment, "layout" | "encoded" | "decoded">;

const PIXELS = Uint8Array.from({ length: 4000 }, (_, k) => (k * k) >> (5 + (k % 3)));
const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function written(
  compression: number,
  encode: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<readonly Segment[]> {
  const layout = grayLayout({ compression, width: 100, height: 20 });
  const encoded = await encode(PIXELS);
  const kinds: Partial<SegmentLayout>[] = [
    {},
    { predictor: 2 },
    { littleEndian: false },
    { bitsPerSample: 14, width: 114 },
  ];
  return Promise.all(
    kinds.map(async (kind) => {
      const whole = { ...layout, ...kind };
      return { layout: whole, encoded, decoded: digestOf(await decodeSegment(encoded, whole)) };
    }),
  );
}

const kept = keptSegments();
const startingWith = (start: string): readonly Segment[] => kept.filter(({ name }) => name.startsWith(start));

test.for<[string, () => Promise<readonly Segment[]> | readonly Segment[]]>([
  ["LZW", () => written(5, encodeLzw)],
  ["old-style LZW", () => startingWith("old-style LZW text")],
  ["PackBits", () => written(32773, encodePackBits)],
  ["Deflate", () => written(8, (bytes) => new Uint8Array(deflateSync(bytes)))],
  ["Zstandard", () => written(50000, async (bytes) => (await loadCodecs()).zstd.encode(bytes, { level: 3 }))],
  ["JPEG", () => startingWith("JPEG ").filter(({ layout }) => layout.compression === 7)],
  ["JPEG 2000", () => kept.filter(({ layout }) => [33003, 33005, 34712].includes(layout.compression))],
  ["WebP", () => startingWith("WebP")],
  ["LERC", () => startingWith("LERC")],
])(
  "damaged %s gives its number of pixels or a typed error, and the next segment is right",
  { timeout: 600_000 },
  async ([name, make]) => {
    const segments = await make();
    expect(segments.length).toBeGreaterThan(0);
    const random = SEED === "random" ? Math.random : seeded(Number(SEED ?? 9) + name.length);
    const largest = process.memoryUsage().rss + 300 * 1024 * 1024;
    let refused = 0;
    const runs = /^(?:JPEG|WebP|LERC)/.test(name) ? FEWER_RUNS : RUNS;
    for (let run = 0; run < runs; run++) {
      const { layout, encoded } = segments[Math.floor(random() * segments.length)] ?? expect.unreachable();
      const bytes = damage(encoded, random);
      const told = `run ${run}: ${Buffer.from(bytes.subarray(0, 64)).toString("hex")}`;
      const before = new Uint8Array(bytes);
      try {
        const { width, height, samplesPerPixel } = layout;
        const pixels = await decodeSegment(bytes, layout);
        expect(pixels.length, told).toBe(width * height * samplesPerPixel * decodedSampleBytes(layout));
      } catch (error) {
        if (!isOzxError(error, "CorruptData") && !isOzxError(error, "Unsupported"))
          throw new Error(told, { cause: error });
        refused++;
      }
      expect(Buffer.compare(bytes, before), told).toBe(0);
      if (run % 50 === 0) {
        const {
          layout: whole,
          encoded: intact,
          decoded,
        } = segments[run % segments.length] ?? expect.unreachable();
        expect(digestOf(await decodeSegment(intact, whole)), told).toBe(decoded);
      }
    }
    expect(refused).toBeGreaterThan(runs / 20);
    expect(process.memoryUsage().rss).toBeLessThan(largest);
  },
);
