import { deflateSync } from "node:zlib";
import { isFullRun, type RangeServer, type RangeServerOptions, startRangeServer } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { openTiff, type TiffStore } from "../src/index.js";
import { buildMmStack, buildNdtiff } from "./fixtures/build-micromanager.js";
import {
  basicFields,
  buildTiff,
  bytesOf,
  grayPage,
  type PageToWrite,
  planePixels,
} from "./fixtures/build-tiff.js";
import { readPlane } from "./fixtures/read-plane.js";
import { HEIGHT, omeImage, omeXml, planeBytes, runOf, stackOf, upTo, WIDTH } from "./fixtures/stack.js";

/** Pages of a long series: building one takes longer than reading it. */
const LONG = isFullRun ? 10_000 : 2_000;

/** A server with files in one folder, and the image that one of them is. */
async function serve(
  files: Readonly<Record<string, Uint8Array>>,
  options?: RangeServerOptions,
): Promise<AsyncDisposable & { server: RangeServer; open(name?: string): Promise<TiffStore> }> {
  const server = await startRangeServer((path) => files[path.slice(1)], options);
  const [first = ""] = Object.keys(files);
  return {
    server,
    open: (name = first) => openTiff(new URL(`/${name}`, server.url)),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** The bytes that a server has sent. */
function sent({ requests }: RangeServer): number {
  return requests.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Pages without pixels, all of whose IFDs follow one another at the end, as tifffile writes them. */
function longStack(count: number, xml: string): Uint8Array {
  const size = WIDTH * HEIGHT * 2;
  const pages = upTo(count).map(
    (k): PageToWrite => ({
      fields: [...basicFields(WIDTH, HEIGHT), ...(k === 0 ? [[270, "ascii", xml] as const] : [])],
      segments: [],
      offsets: [8 + k * size],
      counts: [size],
    }),
  );
  const start = new Uint8Array(Buffer.concat(upTo(count).map((n) => planeBytes(n % 7))));
  return buildTiff(pages, { start });
}

describe("an image on a server is opened with few requests", () => {
  test.each([
    [
      "a stack of Micro-Manager with thousands of planes",
      4,
      () => buildMmStack(upTo(LONG).map((n) => ({ n, t: n }))),
    ],
    [
      "an ImageJ stack with one IFD",
      2,
      () => runOf(upTo(400), [[270, "ascii", "ImageJ=1.53t\nimages=400\nslices=400\n"]]),
    ],
    ["an OME-TIFF with thousands of pages", 20, () => longStack(LONG, omeXml(omeImage({ t: LONG })))],
  ])("%s in at most %i", async (_, most, build) => {
    const bytes = build();
    await using image = await serve({ "image.tif": bytes });
    const store = await image.open();
    expect(image.server.requests.length).toBeLessThanOrEqual(most);
    // The pixels are left where they are.
    expect(await readPlane(store, "/0", { [store.arrays.get("/0")?.axes[0] ?? "z"]: 3 })).toEqual(
      planeBytes(3),
    );
    expect(image.server.requests.length).toBeLessThanOrEqual(most + 2);
  });

  test("pages with large planes between them in few rounds of requests, each of some hundred bytes", async () => {
    const count = 200;
    const [width, height] = [512, 150];
    const pixels = planePixels(0, width, height);
    const bytes = buildTiff(upTo(count).map(() => grayPage({ width, height, pixels })));
    await using image = await serve({ "image.tif": bytes });
    let open = 0;
    let rounds = 0;
    const counted: typeof fetch = async (input, init) => {
      if (open++ === 0) rounds++;
      try {
        return await fetch(input, init);
      } finally {
        open--;
      }
    };
    const store = await openTiff(new URL("/image.tif", image.server.url), { http: { fetch: counted } });
    expect(store.arrays.get("/0")?.shape).toEqual([count, height, width]);
    expect(rounds).toBeLessThanOrEqual(16);
    expect(image.server.requests.length).toBeLessThan(count + 80);
    expect(sent(image.server)).toBeLessThan(1_000_000);
    expect(await readPlane(store, "/0", { z: count - 1 })).toEqual(bytesOf(pixels));
  });

  test("a pyramid of 10,000 tiles in at most six, without the places of its tiles, and a tile in one more", async () => {
    const tile = new Uint8Array(deflateSync(bytesOf(planePixels(1, 16, 16))));
    const level = (side: number): PageToWrite => ({
      fields: [
        ...basicFields(side * 16, side * 16).filter(([tag]) => tag !== 259),
        [259, "short", [8]],
        [322, "long", [16]],
        [323, "long", [16]],
      ],
      segments: [],
      offsets: new Array(side * side).fill(16),
      counts: new Array(side * side).fill(tile.length),
      tiled: true,
    });
    // Far from the IFDs, as in files of gigabytes.
    const start = new Uint8Array(2_000_000);
    start.set(tile, 8);
    const bytes = buildTiff([{ ...level(100), subs: [50, 25].map(level) }], { start });
    await using image = await serve({ "slide.tif": bytes });
    const store = await image.open();
    expect(store.arrays.size).toBe(3);
    expect(image.server.requests.length).toBeLessThanOrEqual(6);
    expect(sent(image.server)).toBeLessThan(500_000);
    expect(await store.get("/0/c/50/50")).toEqual(tile);
    const before = image.server.requests.length;
    expect(await store.get("/0/c/50/51")).toEqual(tile);
    expect(image.server.requests.length - before).toBeLessThanOrEqual(1);
  });
});

describe("an image on a server has the same pixels", () => {
  test.each([
    ["little-endian", {}],
    ["big-endian", { bigEndian: true }],
    ["BigTIFF", { big: true }],
    ["big-endian BigTIFF", { big: true, bigEndian: true }],
  ])("%s, with its IFDs after the pixels", async (_, how) => {
    await using image = await serve({ "image.tif": stackOf(upTo(5), omeXml(omeImage({ z: 5 })), how) });
    const store = await image.open();
    for (const z of upTo(5)) expect(await readPlane(store, "/0", { z })).toEqual(planeBytes(z));
    await store.close();
  });

  test("in a set, whose files are known by their names", async () => {
    const blocks = [0, 1].map(
      (t) =>
        `<TiffData FirstT="${t}" IFD="0" PlaneCount="1"><UUID FileName="t${t}.ome.tif">urn:uuid:${t}</UUID></TiffData>`,
    );
    const xml = (k: number): string =>
      omeXml(omeImage({ t: 2, tiffData: blocks.join("") }), { uuid: `urn:uuid:${k}` });
    await using image = await serve({
      "t0.ome.tif": stackOf([0], xml(0)),
      "t1.ome.tif": stackOf([1], xml(1)),
    });
    const store = await image.open("t1.ome.tif");
    for (const t of [0, 1]) expect(await readPlane(store, "/0", { t })).toEqual(planeBytes(t));
  });

  test("in an NDTiff set, by its index", async () => {
    const { tiff, index } = buildNdtiff(upTo(4).map((n) => ({ n, axes: { z: n } })));
    await using image = await serve({ "set_NDTiffStack.tif": tiff, "NDTiff.index": index });
    expect(await readPlane(await image.open(), "/0", { z: 2 })).toEqual(planeBytes(2));
  });
});

describe("a server that cannot send parts of a file", () => {
  test("is an error that says what to do", async () => {
    const bytes = longStack(6000, omeXml(omeImage({ t: 6000 })));
    await using image = await serve({ "image.tif": bytes }, { fault: "no-ranges" });
    await expect(image.open()).rejects.toMatchObject({ _tag: "Unsupported" });
    await expect(image.open()).rejects.toThrow(/^the server of .*download/);
  });

  test("has nothing at the address", async () => {
    await using image = await serve({ "image.tif": stackOf([0]) }, { fault: "not-found" });
    await expect(image.open()).rejects.toMatchObject({ _tag: "NotFound" });
  });

  test("replaces the file while it is read", async () => {
    const bytes = longStack(3000, omeXml(omeImage({ t: 3000 })));
    await using image = await serve({ "image.tif": bytes }, { fault: "replaced" });
    const read = async (): Promise<void> => {
      const store = await image.open();
      for (const t of [1, 900, 1800, 2900]) await readPlane(store, "/0", { t });
    };
    await expect(read()).rejects.toMatchObject({ _tag: "SourceChanged" });
  });
});
