import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeSegment, type SegmentLayout } from "../../packages/store-tiff/src/decode/decode-segment.js";
import { inInterop, python, run } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

/** Where bytes lie in the file of all segments. */
type Place = readonly [at: number, length: number];

interface SegmentCase {
  readonly name: string;
  readonly layout: Omit<SegmentLayout, "jpegTables"> & { readonly jpegTables?: Place };
  readonly encoded: Place;
  readonly decoded: Place;
  /** How far samples may be apart. */
  readonly tolerance: number;
}

describeWithTools("tifffile and imagecodecs, segment by segment", [python], () => {
  test("every kind that they write decodes to the same bytes", { timeout: 600_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "ozx-segments-"));
    try {
      const index = await run(python, [inInterop("python/make_tiff_segments.py"), "all", folder]);
      const cases = JSON.parse(index) as readonly SegmentCase[];
      const bytes = await readFile(join(folder, "segments.bin"));
      const at = ([from, length]: Place): Uint8Array => new Uint8Array(bytes.subarray(from, from + length));
      expect(cases.length).toBeGreaterThan(10_000);
      const wrong: string[] = [];
      for (const { name, layout, encoded, decoded, tolerance } of cases) {
        const { jpegTables, ...rest } = layout;
        const whole = { ...rest, ...(jpegTables !== undefined && { jpegTables: at(jpegTables) }) };
        const found = await decodeSegment(at(encoded), whole).catch(String);
        const fault = typeof found === "string" ? found : difference(found, at(decoded), whole, tolerance);
        if (fault !== undefined) wrong.push(`${name}: ${fault}`);
      }
      expect(wrong).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** How pixels differ; undefined where they do not. */
function difference(
  found: Uint8Array,
  expected: Uint8Array,
  { bitsPerSample, sampleFormat }: SegmentLayout,
  tolerance: number,
): string | undefined {
  if (found.length !== expected.length) return `${found.length} and not ${expected.length} bytes`;
  if (Buffer.compare(found, expected) === 0) return undefined;
  if (tolerance === 0 && sampleFormat !== "float") return "other bytes";
  const [a, b] = [
    samplesOf(found, bitsPerSample, sampleFormat),
    samplesOf(expected, bitsPerSample, sampleFormat),
  ];
  let most = 0;
  for (let k = 0; k < a.length; k++) {
    const [one, other] = [a[k] as number, b[k] as number];
    // Not a number is one thing, in whatever bits.
    if (Number.isNaN(one) && Number.isNaN(other)) continue;
    most = Math.max(most, Math.abs(one - other));
    if (Number.isNaN(one - other)) most = Number.POSITIVE_INFINITY;
  }
  return most <= tolerance ? undefined : `samples are up to ${most} apart`;
}

function samplesOf(
  bytes: Uint8Array,
  bits: number,
  format: SegmentLayout["sampleFormat"],
): ArrayLike<number> {
  const { buffer } = new Uint8Array(bytes);
  if (format === "float") {
    if (bits === 64) return new Float64Array(buffer);
    return bits === 16 ? new Uint16Array(buffer) : new Float32Array(buffer);
  }
  if (bits <= 8) return format === "int" ? new Int8Array(buffer) : bytes;
  if (bits <= 16) return format === "int" ? new Int16Array(buffer) : new Uint16Array(buffer);
  return format === "int" ? new Int32Array(buffer) : new Uint32Array(buffer);
}
