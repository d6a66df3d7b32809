import { createHash } from "node:crypto";
import type { AbsolutePath } from "@ozx/core";
import { isOzxError } from "@ozx/core";
import { describe, expect, test } from "vitest";
import segments from "../../store-tiff/test/decode/segments.json" with { type: "json" };
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import type { Nd2Store } from "../src/index.js";
import { buildLegacyNd2 } from "./fixtures/build-legacy.js";
import { loop } from "./fixtures/build-nd2.js";
import { omeAt, openBytes } from "./fixtures/open.js";

/** Pictures that OpenJPEG has encoded, and the hashes of their pixels as imagecodecs decodes them. */
function pictureOf(name: RegExp): { readonly bytes: Uint8Array; readonly hash: string } {
  const found = segments.find((segment) => name.test(segment.name));
  if (found === undefined) throw new Error(`there is no segment ${name}`);
  return { bytes: new Uint8Array(Buffer.from(found.encoded, "base64")), hash: found.decoded };
}
const gray = pictureOf(/^JPEG 2000 of 12 bits$/);
const nothing = Uint8Array.of(1, 2, 3);
const colour = pictureOf(/^JPEG 2000 u2 3 /);

async function hashAt(store: Nd2Store, index: Record<string, number> = {}, path: AbsolutePath = "/0") {
  return createHash("sha256")
    .update(await readPlane(store, path, index))
    .digest("hex");
}

/** The number of the picture that is no picture, which a chunk is to be read from. */
async function pictureAt(store: Nd2Store, key: AbsolutePath): Promise<string | undefined> {
  const error: unknown = await store.get(key).catch((one: unknown) => one);
  return /picture (\d+),/.exec(String(error))?.[1];
}

describe("an ND2 of before version 2.1", () => {
  test.each([false, true])("has its channels and times (long boxes: %s)", async (isLong) => {
    const pictures = [gray.bytes, nothing, gray.bytes, nothing];
    const file = buildLegacyNd2({ pictures, channels: ["DIC", "GFP"], experiment: loop(1, 2), isLong });
    const store = await openBytes(file);
    expect(store.arrays.get("/0")?.shape.slice(0, 2)).toEqual([2, 2]);
    for (const t of [0, 1]) expect(await hashAt(store, { t, c: 0 })).toBe(gray.hash);
    expect(await pictureAt(store, "/0/c/0/1/0/0")).toBe("1");
    expect(await pictureAt(store, "/0/c/1/1/0/0")).toBe("3");
    const { multiscales, omero } = (await omeAt(store)) as {
      multiscales: { datasets: { coordinateTransformations: { scale: number[] }[] }[] }[];
      omero: { channels: { label: string }[] };
    };
    expect(omero.channels.map(({ label }) => label)).toEqual(["DIC", "GFP"]);
    const [transformation] = multiscales[0]?.datasets[0]?.coordinateTransformations ?? [];
    expect(transformation?.scale.filter((step) => step !== 1)).toEqual([1000, 0.5, 0.5]);
  });

  test("has colours in the order of its pictures", async () => {
    const store = await openBytes(buildLegacyNd2({ pictures: [colour.bytes], channels: ["RGB"] }));
    const planes = await Promise.all([0, 1, 2].map((c) => readPlane(store, "/0", { c })));
    const pixels = new Uint16Array((planes[0]?.length ?? 0) * 1.5);
    for (const [c, plane] of planes.entries()) {
      const values = new Uint16Array(plane.slice().buffer);
      for (const [k, value] of values.entries()) pixels[3 * k + c] = value;
    }
    expect(createHash("sha256").update(pixels).digest("hex")).toBe(colour.hash);
  });

  test("has loops beside one another, the outermost first", async () => {
    const pictures = [gray.bytes, nothing, nothing, nothing, gray.bytes, nothing];
    const experiment = { LoopNo00: loop(1, 2), LoopNo01: loop(2, 3) };
    const store = await openBytes(buildLegacyNd2({ pictures, channels: ["a"], experiment, kind: "AIMD" }));
    expect([...store.arrays.keys()]).toEqual(["/0/0", "/1/0", "/2/0"]);
    expect(await hashAt(store, { t: 1 }, "/1/0")).toBe(gray.hash);
    expect(await pictureAt(store, "/2/0/c/0/0/0/0")).toBe("2");
    expect(await pictureAt(store, "/0/0/c/1/0/0/0")).toBe("3");
  });

  test("has as many steps as its words say, where its loops do not fit", async () => {
    const pictures = Array.from({ length: 6 }, () => gray.bytes);
    const experiment = loop(1, 7, { inner: loop(4, 2) });
    const words = "Metadata: Dimensions: T(3) x Z(2)&#13;&#10;Camera";
    const store = await openBytes(buildLegacyNd2({ pictures, channels: ["a"], experiment, words }));
    expect(store.arrays.get("/0")?.shape.slice(0, 3)).toEqual([3, 1, 2]);
  });

  test("with a picture that is damaged names it", async () => {
    const damaged = gray.bytes.slice();
    damaged.fill(0xff, 200);
    const pictures = [gray.bytes, damaged];
    const store = await openBytes(buildLegacyNd2({ pictures, channels: ["a"], experiment: loop(1, 2) }));
    expect(await hashAt(store, { t: 0 })).toBe(gray.hash);
    const error: unknown = await store.get("/0/c/1/0/0/0").catch((one: unknown) => one);
    expect(isOzxError(error, "CorruptData"), String(error)).toBe(true);
    expect(String(error)).toMatch(/scan\.nd2 is damaged .*picture 1/);
  });

  test("with changed bytes is read, or refused", async () => {
    const file = buildLegacyNd2({
      pictures: [gray.bytes, gray.bytes],
      channels: ["a"],
      experiment: loop(1, 2),
      words: "Dimensions: T(2)",
    });
    const start = 2 * gray.bytes.length;
    for (let k = 0; k < 150; k++) {
      const bytes = file.slice();
      bytes[start + ((k * 7919) % (bytes.length - start))] = (k * 31) % 256;
      const result: unknown = await openBytes(bytes).catch((error: unknown) => error);
      if (result instanceof Error) expect(isOzxError(result), String(result)).toBe(true);
    }
  });
});
