import { describe, expect, test } from "vitest";
import { documentAt, openBytes, openFolder } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";
import { HEIGHT, omeImage, omeXml, planeBytes, stackOf, upTo, WIDTH } from "../fixtures/stack.js";

/** A file for each plane, named by a function of its indices. */
function filesBy(name: (t: number, c: number, z: number) => string): Record<string, Uint8Array> {
  return Object.fromEntries(
    upTo(8).map((n) => [name(Math.floor(n / 4), Math.floor(n / 2) % 2, n % 2), stackOf([n])]),
  );
}

async function expectEight(store: Parameters<typeof readPlane>[0]): Promise<void> {
  for (const n of upTo(8)) {
    expect(
      await readPlane(store, "/0", { t: Math.floor(n / 4), c: Math.floor(n / 2) % 2, z: n % 2 }),
    ).toEqual(planeBytes(n));
  }
}

describe("a folder of TIFFs", () => {
  test.each([
    ["img_t000_c001_z002.tif", (t: number, c: number, z: number) => `img_t00${t}_c00${c}_z00${z}.tif`],
    [
      "time and channel in words",
      (t: number, c: number, z: number) => `img_channel00${c}_time00${t}_z00${z}.tif`,
    ],
    ["T10Z2C1", (t: number, c: number, z: number) => `scan-T${t + 9}-Z${z + 1}-C${c}.tiff`],
    [
      "names of Micro-Manager 1.4",
      (t: number, c: number, z: number) => `img_00000000${t}_${["Cy5", "DAPI"][c]}_00${z}.tif`,
    ],
  ])("is one image by the names of its files, as %s", async (_, name) => {
    await expectEight(await openFolder(filesBy(name)));
  });

  test("with a pattern is one image, whatever the names are", async () => {
    const files = {
      ...filesBy((t, c, z) => `plate/${t}-${["red", "blue"][c]}/${z}.tif`),
      "plate/other.tif": stackOf([99]),
    };
    const store = await openFolder(files, { pattern: "plate/{t}-{c}/{z}.tif" });
    const at = (n: number) => ({ t: Math.floor(n / 4), c: 1 - (Math.floor(n / 2) % 2), z: n % 2 });
    // Names come in the order of the alphabet.
    for (const n of upTo(8)) expect(await readPlane(store, "/0", at(n))).toEqual(planeBytes(n));
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: { ome: { omero: { channels: [{ label: "blue" }, { label: "red" }] } } },
    });
  });

  test("with a stack in each file has the axis that the names do not say", async () => {
    const files = Object.fromEntries(upTo(3).map((t) => [`t${t}.tif`, stackOf([4 * t, 4 * t + 1])]));
    const store = await openFolder(files);
    expect(await readPlane(store, "/0", { t: 2, z: 1 })).toEqual(planeBytes(9));
    const channels = await openFolder(files, { axes: "c" });
    expect(await readPlane(channels, "/0", { t: 2, c: 1 })).toEqual(planeBytes(9));
    await expect(openFolder(files, { axes: "t" })).rejects.toThrow(/which the names of the files say too/);
  });

  test("that lacks a file lacks its planes", async () => {
    const { "img_t1_c1_z1.tif": _, ...files } = filesBy((t, c, z) => `img_t${t}_c${c}_z${z}.tif`);
    const store = await openFolder(files);
    expect(await store.get("/0/c/1/1/1/0/0")).toBeUndefined();
    expect(store.findings[0]?.message).toMatch(/^1 of the 8 planes/);
  });

  test("that are not one image is refused, with the way out", async () => {
    const files = { "cell.tif": stackOf([0]), "tissue.tif": stackOf([1]) };
    await expect(openFolder(files)).rejects.toThrow(
      /folder has 2 TIFFs, such as cell\.tif, and nothing says that they are one image/,
    );
    const images = {
      "a_t0.ome.tif": stackOf([0], omeXml(omeImage({}))),
      "a_t1.ome.tif": stackOf([1], omeXml(omeImage({}))),
    };
    await expect(openFolder(images)).rejects.toMatchObject({ _tag: "Usage" });
  });

  test("with a pattern that no name fits, or that is none, is an error", async () => {
    await expect(openFolder({ "a.tif": stackOf([0]) }, { pattern: "b{t}.tif" })).rejects.toThrow(
      "there is nothing to open",
    );
    await expect(openFolder({ "a.tif": stackOf([0]) }, { pattern: "a{q}.tif" })).rejects.toThrow(
      /\{q\} in a\{q\}\.tif is not known/,
    );
  });
});

describe("the axes of a stack that does not say them", () => {
  test("are z, and it is said", async () => {
    const store = await openBytes(stackOf(upTo(6)));
    expect(await readPlane(store, "/0", { z: 5 })).toEqual(planeBytes(5));
    expect(store.findings.map(({ message }) => message)).toEqual([
      "image.tif does not say what its 6 planes are: they are taken as z.",
    ]);
  });

  test.each([
    ["t", [6, HEIGHT, WIDTH], { t: 4 }, 4],
    ["t=3,c", [3, 2, HEIGHT, WIDTH], { t: 2, c: 1 }, 5],
    ["c=2,t=3", [3, 2, HEIGHT, WIDTH], { t: 2, c: 1 }, 5],
    ["z,c=3", [3, 2, HEIGHT, WIDTH], { c: 2, z: 1 }, 5],
    ["c,z=3", [2, 3, HEIGHT, WIDTH], { c: 1, z: 0 }, 3],
  ])("are those that were asked for: %s", async (axes, shape, at, n) => {
    const store = await openBytes(stackOf(upTo(6)), "image.tif", { axes });
    expect(await documentAt(store, "/0/zarr.json")).toMatchObject({ shape });
    expect(await readPlane(store, "/0", at)).toEqual(planeBytes(n));
    expect(store.findings).toEqual([]);
  });

  test.each(["q", "t,c", "t=4,c", "t=0,c", "t,t", ""])("cannot be %j", async (axes) => {
    await expect(openBytes(stackOf(upTo(6)), "image.tif", { axes })).rejects.toMatchObject({ _tag: "Usage" });
  });

  test("are not asked for where the file says them", async () => {
    const bytes = stackOf(upTo(6), omeXml(omeImage({ z: 6 })));
    await expect(openBytes(bytes, "image.tif", { axes: "t" })).rejects.toThrow(
      "image.tif says itself what its planes are (OME-TIFF): leave out --axes",
    );
  });
});
