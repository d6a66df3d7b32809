import { isOzxError } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { expectReadOrRefused, fuzzRuns, readAllValues } from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { lifFormat } from "../src/index.js";
import { buildLif, buildLof, type LifImageToWrite, someBytes, textBlock } from "./fixtures/build-lif.js";
import { openBytes } from "./fixtures/open.js";

const [WIDTH, HEIGHT] = [13, 11];
const PLANE = WIDTH * HEIGHT;

function stack(name: string, dimensions: LifImageToWrite["dimensions"] = [[3, 4, PLANE]]): LifImageToWrite {
  return {
    name,
    dimensions: [[1, WIDTH, 1], [2, HEIGHT, WIDTH], ...dimensions],
    bytes: someBytes(4 * PLANE),
  };
}

describe("a file that is cut off", () => {
  const whole = buildLif([stack("one"), stack("two")]);
  test("in its last block has the planes that are there, and names those that are not", async () => {
    const store = await openBytes(whole.slice(0, -10));
    expect(await readPlane(store, "/1/0", { z: 2 })).toEqual(
      someBytes(4 * PLANE).slice(2 * PLANE, 3 * PLANE),
    );
    const reading = store.get("/1/0/c/0/3/0/0");
    await expect(reading).rejects.toMatchObject({ _tag: "CorruptData", location: "project.lif" });
    await expect(reading).rejects.toThrow(/it ends within plane c=0, z=3 of \/1\/0 in MemBlock_2/);
  });
  test("before a block has no pixels of its image", async () => {
    const cut = whole.slice(0, -4 * PLANE - 60);
    const store = await openBytes(cut);
    await expect(store.get("/1/0/c/0/0/0/0")).rejects.toThrow(
      /it has no MemBlock_2, in which plane c=0, z=0/,
    );
    const tolerant = await openBytes(cut, { allowMissing: true });
    expect((await readPlane(tolerant, "/1/0", { z: 0 })).every((byte) => byte === 0)).toBe(true);
    expect(await readPlane(tolerant, "/0/0", { z: 0 })).toEqual(someBytes(PLANE));
  });
  test("in its header is refused", async () => {
    await expect(openBytes(whole.slice(0, 200))).rejects.toThrow(/project\.lif ends within its header/);
  });
});

describe("what is said of an image is not trusted", () => {
  test("planes beyond their block", async () => {
    const store = await openBytes(buildLif([stack("one", [[3, 5, PLANE]])]));
    await expect(store.get("/0/c/0/4/0/0")).rejects.toThrow(/ends at byte 715 of MemBlock_1, which has 572/);
  });
  test.each<[string, LifImageToWrite["dimensions"], RegExp]>([
    ["billions of planes", [[4, 2 ** 31, 1]], /says that its image \/0 has 2147483648/],
    ["a dimension twice", [[1, 4, PLANE]], /two dimensions of x/],
    ["an unknown dimension", [[77, 4, PLANE]], /a dimension of the unknown kind 77/],
    ["a dimension of nothing", [[3, 0, PLANE]], /has 0 values along its dimension 3/],
  ])("%s", async (_, dimensions, message) => {
    await expect(openBytes(buildLif([stack("one", dimensions)]))).rejects.toThrow(message);
  });
  test("a million tiles", async () => {
    await expect(openBytes(buildLif([stack("one", [[10, 1_000_000, 1]])]))).rejects.toThrow(
      /more than \d+ images/,
    );
  });
});

describe("other files are not taken for it", () => {
  test("a LIFEXT is refused by name", async () => {
    const bytes = textBlock('<LMSDataContainerEnhancedHeader Version="2"/>');
    expect(await lifFormat.probe(memorySource(bytes, "a.lifext"))).toBe(true);
    await expect(openBytes(bytes)).rejects.toThrow(/is a LIFEXT/);
  });
  test("a block with another text is none", async () => {
    const bytes = textBlock("something else");
    expect(await lifFormat.probe(memorySource(bytes, "a.bin"))).toBe(false);
    await expect(openBytes(bytes)).rejects.toMatchObject({ _tag: "UnknownFormat" });
  });
});

const FILES: readonly (readonly [string, Uint8Array])[] = [
  ["a LIF", buildLif([stack("one"), { ...stack("two"), folder: "f" }])],
  ["a LIF of version 1", buildLif([stack("one")], { version: 1 })],
  ["a LIF with a mosaic", buildLif([stack("one", [[10, 4, PLANE]])])],
  ["a LOF", buildLof(stack("one"))],
];

test.each(FILES)(
  "%s with changed bytes is read, or refused with an error that says why",
  { timeout: 120_000 },
  async (_, original) => {
    await expectReadOrRefused(original, openBytes, {
      runs: Math.ceil(fuzzRuns({ sample: 600 }) / FILES.length),
    });
  },
);

test("numbers of the XML may be any", { timeout: 120_000 }, async () => {
  const original = buildLif([
    stack("one", [
      [10, 2, 2 * PLANE],
      [3, 2, PLANE],
    ]),
  ]);
  const text = Buffer.from(original).toString("latin1");
  const places = [...text.matchAll(/[0-9]\0(?="\0)/g)].map(({ index }) => index);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...places),
      fc.constantFrom(...'0123456789-eN" '),
      async (at, letter) => {
        const changed = original.slice();
        changed[at] = letter.charCodeAt(0);
        try {
          await readAllValues(await openBytes(changed));
        } catch (error) {
          if (!isOzxError(error)) throw error;
        }
      },
    ),
    { numRuns: fuzzRuns({ sample: 200, full: 2_000 }) },
  );
});

test("the unchanged files are read", async () => {
  for (const [, bytes] of FILES) await readAllValues(await openBytes(bytes));
});
