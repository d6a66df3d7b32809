import { outsideSample, skipFor } from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layOut } from "../../src/write/layout.js";

describe("the layout of an archive", () => {
  const entries = fc.uniqueArray(
    fc.record({ name: fc.string({ unit: "grapheme", minLength: 1 }), size: fc.nat(2 ** 30) }),
    { selector: ({ name }) => name, maxLength: 20 },
  );

  test("leaves no gap and lets nothing overlap", async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.uint8Array(), async (all, comment) => {
        const layout = await layOut(all, comment);
        let offset = 0;
        const nameLengths = all.map(({ name }) => new TextEncoder().encode(name).length);
        all.forEach(({ size }, i) => {
          expect(layout.headerOffsets[i]).toBe(offset);
          offset += 30 + (nameLengths[i] ?? 0) + 20 + size;
        });
        expect(layout.directoryOffset).toBe(offset);
        const names = nameLengths.reduce((sum, length) => sum + length, 0);
        expect(layout.directorySize).toBe(names + all.length * (46 + 28));
        expect(layout.zip64EndOffset).toBe(layout.directoryOffset + layout.directorySize);
        expect(layout.size).toBe(layout.zip64EndOffset + 56 + 20 + 22 + comment.length);
      }),
    );
  });

  test("is right for ten million entries of 5 TB", skipFor(outsideSample()), async () => {
    const count = 10_000_000;
    const all = Array.from({ length: count }, (_, k) => ({ name: `0/c/${k}`, size: 500_000 + (k % 3) }));
    const layout = await layOut(all, new Uint8Array(0));
    let offset = 0;
    let wrong = 0;
    for (let k = 0; k < count; k++) {
      if (layout.headerOffsets[k] !== offset) wrong++;
      offset += 30 + `0/c/${k}`.length + 20 + 500_000 + (k % 3);
    }
    expect(wrong).toBe(0);
    expect(layout.directoryOffset).toBe(offset);
    expect(offset).toBeGreaterThan(5e12);
  });

  test("counts beyond 32 bits", async () => {
    const layout = await layOut(
      [
        { name: "a", size: 6 * 2 ** 40 },
        { name: "b", size: 1 },
      ],
      new Uint8Array(0),
    );
    expect(layout.headerOffsets[1]).toBe(51 + 6 * 2 ** 40);
    expect(layout.size).toBe(51 + 6 * 2 ** 40 + 52 + 2 * 75 + 98);
  });
});
