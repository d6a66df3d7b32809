import { isOzxError, type Store } from "@ozx/core";
import { memorySource, type SourceFolder } from "@ozx/core/container";
import { fuzzRuns, readAllValues, startRangeServer } from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { type LifStore, lifFormat, openLif } from "../src/index.js";
import {
  buildLif,
  buildLof,
  buildXlef,
  buildXlif,
  type FrameToWrite,
  type LifImageToWrite,
  someBytes,
} from "./fixtures/build-lif.js";
import { COLOUR_JPEG, COLOUR_JPEG_PIXELS, GRAY_JPEG, GRAY_JPEG_PIXELS } from "./fixtures/jpeg-frames.js";
import { omeAt, openBytes, openFiles } from "./fixtures/open.js";
import {
  COLOUR,
  COLOUR_PLAIN,
  DEFLATE_PAGES,
  GRAY_IN_COLOUR,
  LZW_16_BITS,
  LZW_GRAY,
  TILED,
} from "./fixtures/tiff-frames.js";

const [WIDTH, HEIGHT] = [13, 11];
const PLANE = WIDTH * HEIGHT;

function stack(name: string, count = 2): LifImageToWrite {
  return {
    name,
    dimensions: [
      [1, WIDTH, 1],
      [2, HEIGHT, WIDTH],
      [3, count, PLANE],
    ],
    bytes: someBytes(count * PLANE).map((byte) => byte + name.length),
  };
}

/** As LAS X writes them: the XML of images and collections in a folder, their pixels beside the experiment. */
const [one, three, whole, inside] = [
  stack("one"),
  stack("three", 3),
  stack("a whole one"),
  stack("in a LIF"),
];
const PROJECT = {
  "scan.xlef": buildXlef("scan", [
    "LeicaMetadata\\one.xlif",
    "LeicaMetadata/Some%20folder.xlcf",
    "whole.lof",
  ]),
  "LeicaMetadata/one.xlif": buildXlif(one, [["..\\one.lof", 0, one.bytes.length]]),
  "LeicaMetadata/Some folder.xlcf": buildXlef(
    "Collection 1",
    ["three.xlif", "../in.lif", "one.xlif"],
    "Collection",
  ),
  "LeicaMetadata/three.xlif": buildXlif(three, [
    ["../Three%201.lof", 2 * PLANE, PLANE],
    ["../three%200.lof", 0, 2 * PLANE],
  ]),
  "one.lof": buildLof(one),
  "three 0.lof": buildLof({ ...three, bytes: three.bytes.slice(0, 2 * PLANE) }),
  "three 1.lof": buildLof({ ...three, bytes: three.bytes.slice(2 * PLANE) }),
  "whole.lof": buildLof(whole),
  "in.lif": buildLif([inside]),
};

/** A gray TIFF of two strips, which lie apart. */
function tiffOf(bytes: Uint8Array): Uint8Array {
  const half = Math.ceil(bytes.length / 2);
  const directory = 8 + bytes.length + 3;
  const entries = [
    [259, 3, 1, 1],
    [273, 4, 2, directory + 54],
    [277, 3, 1, 1],
    [279, 4, 2, directory + 62],
  ] as const;
  const file = Buffer.alloc(directory + 70);
  file.write("II*\0", "latin1");
  file.writeUInt32LE(directory, 4);
  file.set(bytes.subarray(0, half), 8);
  file.set(bytes.subarray(half), 8 + half + 3);
  file.writeUInt16LE(entries.length, directory);
  for (const [k, [tag, type, count, value]] of entries.entries()) {
    const at = directory + 2 + 12 * k;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(count, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  const numbers = [8, 8 + half + 3, half, bytes.length - half];
  for (const [k, number] of numbers.entries()) file.writeUInt32LE(number, directory + 54 + 4 * k);
  return new Uint8Array(file);
}

/** The file without some of its files. */
function without(...names: string[]): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(PROJECT).filter(([name]) => !names.includes(name)));
}

describe("a project in several files", () => {
  test("has the images of all, with the names of collections", async () => {
    const store = await openFiles(PROJECT, "scan.xlef");
    expect(store.findings).toEqual([]);
    const images = [one, three, inside, whole];
    const names = ["one", "Collection 1/three", "Collection 1/in a LIF", "a whole one"];
    for (const [k, { bytes }] of images.entries()) {
      const { multiscales } = (await omeAt(store, `/${k}`)) as { multiscales: { name: string }[] };
      expect(multiscales[0]?.name).toBe(names[k]);
      for (let z = 0; z < bytes.length / PLANE; z++) {
        expect(await readPlane(store, `/${k}/0`, { z })).toEqual(bytes.slice(z * PLANE, (z + 1) * PLANE));
      }
    }
    const read = async (key: `/${string}`) => new TextDecoder().decode(await store.get(key));
    expect(await read("/OME/METADATA.lif.xml")).toContain("<Experiment/>");
    expect(await read("/OME/METADATA.1.lif.xml")).toContain('Name="one"');
    await store.close();
  });
  test("is opened by an image of it", async () => {
    const { "LeicaMetadata/one.xlif": xml, "one.lof": lof } = PROJECT;
    const xlif = buildXlif(one, [["one.lof", 0, one.bytes.length]]);
    const store = await openFiles({ "one.xlif": xlif, "one.lof": lof }, "one.xlif");
    expect(await readPlane(store, "/0", { z: 1 })).toEqual(one.bytes.slice(PLANE));
    // The pixels lie outside of the folder that the XML is in.
    await expect(openFiles({ "one.xlif": xml }, "one.xlif")).rejects.toThrow(
      /its image "one" has its pixels in \.\.\\one\.lof, which is not in the folder of one\.xlif/,
    );
  });
  test("over HTTP, where folders cannot be listed and the case of names counts", async () => {
    const server = await startRangeServer((path) => {
      const name = decodeURIComponent(path).slice(1);
      return (PROJECT as Readonly<Record<string, Uint8Array>>)[name === "Three 1.lof" ? "three 1.lof" : name];
    });
    const store = await openLif(new URL("/scan.xlef", server.url));
    expect(await readPlane(store, "/1/0", { z: 2 })).toEqual(three.bytes.slice(2 * PLANE));
    await store.close();
    await server.close();
  });
  test("without files that are missing or damaged, and it is said", async () => {
    const { "in.lif": _, ...others } = without("one.lof", "whole.lof");
    const store = await openFiles({ ...others, "in.lif": PROJECT["in.lif"].slice(0, 50) }, "scan.xlef");
    expect(store.arrays.size).toBe(1);
    expect(store.findings?.map(({ message }) => message)).toEqual([
      "2 files of scan.xlef cannot be read: in.lif ends within its header: it is damaged or was not copied completely.",
      '1 of the 2 images of scan.xlef is left out: its image "one" has its pixels in one.lof, which is not there.',
    ]);
  });
  test("with pixels in pictures that are not read, which are left out", async () => {
    const xlif = buildXlif(one, [["a.png", 0, one.bytes.length]]);
    await expect(openFiles({ "one.xlif": xlif }, "one.xlif")).rejects.toThrow(
      /its image "one" has its pixels in a\.png, which is no LOF, TIFF or JPEG/,
    );
  });
  test("without images whose files have no place in them, which is said", async () => {
    const xlif = buildXlif(three, [["three 0.lof", 0, Number.NaN]]);
    await expect(openFiles({ ...PROJECT, "three.xlif": xlif }, "three.xlif")).rejects.toThrow(
      /its image "three" has its pixels in three 0\.lof, without a place for them/,
    );
  });
  test("with pixels in TIFFs of one page, as they are", async () => {
    const pages = [0, 1, 2].map((z) => tiffOf(three.bytes.slice(z * PLANE, (z + 1) * PLANE)));
    const files = Object.fromEntries(pages.map((bytes, z) => [`three_${z}.tif`, bytes]));
    const frames = pages.map((_, z): FrameToWrite => [`..\\three_${z}.tif`, z * PLANE, PLANE]);
    const xlif = buildXlif(three, frames);
    const project = { ...files, "a.xlef": buildXlef("a", ["M/three.xlif"]), "M/three.xlif": xlif };
    const store = await openFiles(project, "a.xlef");
    for (const z of [0, 1, 2]) {
      expect(await readPlane(store, "/0", { z })).toEqual(three.bytes.slice(z * PLANE, (z + 1) * PLANE));
    }
    await expect(openFiles({ ...project, "three_1.tif": tiffOf(three.bytes) }, "a.xlef")).rejects.toThrow(
      /three_1\.tif, which has 429 bytes of pixels instead of 143/,
    );
  });
  describe("with pixels in pictures that are decoded", () => {
    const planes = (from: number, to: number): Uint8Array => three.bytes.slice(from * PLANE, to * PLANE);
    const openFrame = (image: LifImageToWrite, tiff: Uint8Array): Promise<LifStore> => {
      const xlif = buildXlif(image, [["a.tif", 0, image.bytes.length]]);
      return openFiles({ "a.tif": tiff, "a.xlif": xlif }, "a.xlif");
    };
    const first = { ...stack("three", 1), bytes: planes(0, 1) };
    test("of one page, and of several", async () => {
      const xlif = buildXlif(three, [
        ["0.tif", 0, PLANE],
        ["1.tif", PLANE, 2 * PLANE],
      ]);
      const store = await openFiles({ "0.tif": LZW_GRAY, "1.tif": DEFLATE_PAGES, "a.xlif": xlif }, "a.xlif");
      for (const z of [0, 1, 2]) expect(await readPlane(store, "/0", { z })).toEqual(planes(z, z + 1));
      expect(store.arrays.get("/0")?.encoding).toBe("in pictures, decoded when read");
    });
    test("of 16 bits", async () => {
      const values = Uint16Array.from(someBytes(PLANE), (byte) => 200 * byte);
      const bytes = new Uint8Array(values.buffer);
      const dimensions = [
        [1, WIDTH, 2],
        [2, HEIGHT, 2 * WIDTH],
      ] as const;
      const store = await openFrame({ name: "sixteen", dimensions, bits: 16, bytes }, LZW_16_BITS);
      expect(await readPlane(store, "/0", {})).toEqual(bytes);
    });
    test("that are gray and were saved in colour", async () => {
      expect(await readPlane(await openFrame(first, GRAY_IN_COLOUR), "/0", {})).toEqual(first.bytes);
    });
    test.each([
      ["red first", [1, 2, 3], COLOUR],
      ["blue first", [3, 2, 1], COLOUR],
      ["blue first, not compressed", [3, 2, 1], COLOUR_PLAIN],
    ])("in colour, of an image with %s: a TIFF has red first", async (_, tags, tiff) => {
      const bytes = someBytes(3 * PLANE);
      const dimensions = [
        [1, WIDTH, 3],
        [2, HEIGHT, 3 * WIDTH],
      ] as const;
      const channels = tags.map((tag, k) => [k, tag] as const);
      const store = await openFrame({ name: "colour", dimensions, channels, bytes }, tiff);
      for (const c of [0, 1, 2]) {
        expect(await readPlane(store, "/0", { c })).toEqual(bytes.filter((_, k) => k % 3 === c));
      }
    });
    test.each([
      ["gray", 1, GRAY_JPEG, GRAY_JPEG_PIXELS],
      ["colour", 3, COLOUR_JPEG, COLOUR_JPEG_PIXELS],
    ])("or in a JPEG: %s", async (name, samples, jpeg, bytes) => {
      const dimensions = [
        [1, WIDTH, samples],
        [2, HEIGHT, samples * WIDTH],
      ] as const;
      const channels = samples === 1 ? [[0] as const] : [1, 2, 3].map((tag, k) => [k, tag] as const);
      const xlif = buildXlif({ name, dimensions, channels, bytes }, [["a.jpg", 0, bytes.length]]);
      const store = await openFiles({ "a.jpg": jpeg, "a.xlif": xlif }, "a.xlif");
      for (let c = 0; c < samples; c++) {
        expect(await readPlane(store, "/0", { c })).toEqual(bytes.filter((_, k) => k % samples === c));
      }
      const cut = openFiles({ "a.jpg": jpeg.slice(0, 60), "a.xlif": xlif }, "a.xlif");
      await expect(cut).rejects.toThrow(/a\.jpg, which is damaged/);
    });
    test("but not of tiles, and not where colours of the image lie apart", async () => {
      await expect(openFrame(first, TILED)).rejects.toThrow(/a\.tif, which has no strips/);
      const dimensions = [
        [1, WIDTH, 1],
        [2, HEIGHT, WIDTH],
      ] as const;
      const channels = [1, 2, 3].map((tag, k) => [k * PLANE, tag] as const);
      const apart = { name: "apart", dimensions, channels, bytes: someBytes(3 * PLANE) };
      await expect(openFrame(apart, COLOUR)).rejects.toThrow(/a\.tif, which is in colour, unlike its image/);
    });
    test("and one whose bytes are changed is read, or refused with an error that says why", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(LZW_GRAY, GRAY_IN_COLOUR),
          fc.nat(),
          fc.nat(255),
          async (tiff, place, byte) => {
            const changed = tiff.slice();
            changed[place % changed.length] = byte;
            try {
              await readAllValues(await openFrame(first, changed));
            } catch (error) {
              if (!isOzxError(error)) throw error;
            }
          },
        ),
        { numRuns: fuzzRuns({ sample: 200, full: 3_000 }) },
      );
    });
  });
  test("of files that name one another in a circle", async () => {
    const files = {
      "a.xlef": buildXlef("a", ["b.xlcf"]),
      "b.xlcf": buildXlef("b", ["a.xlef", "b.xlcf", "one.lof"]),
    };
    expect((await openFiles({ ...files, "one.lof": PROJECT["one.lof"] }, "a.xlef")).arrays.size).toBe(1);
  });
});

describe("a folder with a project", () => {
  const folderOf = (files: Readonly<Record<string, Uint8Array>>): SourceFolder => {
    const folder: SourceFolder = {
      name: "folder",
      open: async (path) => {
        const bytes = files[path];
        return bytes && { ...memorySource(bytes, path), folder };
      },
      list: async ({ depth = 1 } = {}) =>
        Object.keys(files).filter((path) => path.split("/").length <= depth),
    };
    return folder;
  };
  test("is opened by its experiment", async () => {
    const store = await lifFormat.openFolder?.(folderOf(PROJECT));
    expect(await readPlane(store as Store, "/0/0", { z: 1 })).toEqual(one.bytes.slice(PLANE));
  });
  test("is none without an experiment, or where planes are named", async () => {
    expect(await lifFormat.openFolder?.(folderOf(without("scan.xlef")))).toBeUndefined();
    expect(await lifFormat.openFolder?.(folderOf(PROJECT), { pattern: "z{z}.tif" })).toBeUndefined();
  });
  test("is refused where there are several, which are named", async () => {
    const opening = lifFormat.openFolder?.(folderOf({ ...PROJECT, "b.xlef": PROJECT["scan.xlef"] }));
    await expect(opening).rejects.toThrow(/folder has 2 Leica projects \(scan\.xlef, b\.xlef\): open one/);
  });
});

describe("a project is refused by name", () => {
  const way =
    /is a Leica project whose images are in files beside it, .*: open it where all of its files lie, or open its \.lof, \.lif or \.tif files/;
  test("where its folder is not known", async () => {
    expect(await lifFormat.probe(memorySource(PROJECT["scan.xlef"], "scan.xlef"))).toBe(true);
    const opening = openBytes(PROJECT["scan.xlef"]);
    await expect(opening).rejects.toMatchObject({ _tag: "Unsupported" });
    await expect(opening).rejects.toThrow(way);
  });
  test("where none of its files is there", async () => {
    const { "scan.xlef": alone } = PROJECT;
    await expect(openFiles({ "scan.xlef": alone }, "scan.xlef")).rejects.toThrow(way);
  });
});

test("a project whose XML is changed is read, or refused with an error that says why", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("scan.xlef", "LeicaMetadata/three.xlif", "three 0.lof"),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      async (name, place, byte) => {
        const changed = PROJECT[name].slice();
        changed[place % changed.length] = byte;
        try {
          await readAllValues(await openFiles({ ...PROJECT, [name]: changed }, "scan.xlef"));
        } catch (error) {
          if (!isOzxError(error)) throw error;
        }
      },
    ),
    { numRuns: fuzzRuns({ sample: 60, full: 1_000 }) },
  );
});
