import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decodeSegment, describeCompression } from "../../src/decode/decode-segment.js";
import { keptSegments } from "./kept-segments.js";

const segments = keptSegments();

describe("segments that tifffile, imagecodecs, libtiff and OpenJPEG have written", () => {
  test.each(segments)("$name decodes to the same pixels", async ({ layout, encoded, decoded }) => {
    const before = new Uint8Array(encoded);
    const pixels = await decodeSegment(encoded, layout);
    expect(createHash("sha256").update(pixels).digest("hex")).toBe(decoded);
    expect(encoded).toEqual(before);
  });

  test("decode side by side as they do one after the other", async () => {
    const all = await Promise.all(segments.map(({ layout, encoded }) => decodeSegment(encoded, layout)));
    for (const [k, pixels] of all.entries()) {
      expect(createHash("sha256").update(pixels).digest("hex"), segments[k]?.name).toBe(segments[k]?.decoded);
    }
  });

  const pictures = segments.filter(({ layout }) => layout.compression !== 5);

  test.each(pictures)("$name is an error where it is truncated", async ({ layout, encoded }) => {
    const codec = describeCompression(layout.compression).name;
    for (const part of [0, 0.02, 0.1, 0.5, 0.9]) {
      const bytes = encoded.subarray(0, Math.floor(encoded.length * part));
      await expect(decodeSegment(bytes, layout), `${part} of ${codec}`).rejects.toMatchObject({
        _tag: "CorruptData",
      });
    }
  });

  test.each(pictures)("$name is an error where the file says another size", async ({ layout, encoded }) => {
    for (const change of [{ width: layout.width + 1 }, { height: layout.height + 200 }, { height: 1 }]) {
      const other = { ...layout, mostRows: undefined, inside: undefined, ...change };
      await expect(decodeSegment(encoded, other)).rejects.toMatchObject({ _tag: "CorruptData" });
    }
    await expect(decodeSegment(encoded, { ...layout, samplesPerPixel: 7 })).rejects.toMatchObject({
      _tag: expect.stringMatching(/^(CorruptData|Unsupported)$/),
    });
  });

  test("nothing of a library is left behind in the global scope", () => {
    expect("ImageData" in globalThis).toBe(false);
    expect("Module" in globalThis).toBe(false);
  });
});
