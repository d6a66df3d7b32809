import type { AbsolutePath } from "@ozx/core";
import { describe, expect, test } from "vitest";
import { openTiff, type TiffStore } from "../../src/index.js";
import { encodeLzw } from "../decode/encode.js";
import { basicFields, buildTiff, type Field } from "../fixtures/build-tiff.js";
import { memoryFolder, openBytes } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";
import { HEIGHT, omeImage, omeXml, planeBytes, stackOf, upTo, WIDTH } from "../fixtures/stack.js";

const ZEROS = new Uint8Array(WIDTH * HEIGHT * 2);

async function keysOf(store: TiffStore): Promise<AbsolutePath[]> {
  const keys: AbsolutePath[] = [];
  for await (const { key } of store.list()) keys.push(key);
  return keys;
}

/** A set of two files, of which the second may be missing. */
const SET = [0, 1].map((t) => {
  const blocks = [0, 1].map(
    (k) =>
      `<TiffData FirstT="${k}" IFD="0" PlaneCount="1"><UUID FileName="t${k}.ome.tif">urn:uuid:${k}</UUID></TiffData>`,
  );
  return stackOf([t], omeXml(omeImage({ t: 2, tiffData: blocks.join("") }), { uuid: `urn:uuid:${t}` }));
}) as [Uint8Array, Uint8Array];

/** Pages whose last strip is compressed with LZW and does not decode. */
function damaged(): Uint8Array {
  const fields = basicFields(WIDTH, HEIGHT).map(
    (field): Field => (field[0] === 259 ? [259, "short", [5]] : field),
  );
  const good = encodeLzw(planeBytes(0));
  const bad = good.slice();
  bad.fill(0xff, 20, 60);
  return buildTiff([good, bad].map((strip) => ({ fields, segments: [strip] })));
}

describe("pixels that are missing", () => {
  test("in a file of a set are an error that names the file and the way out", async () => {
    const source = await memoryFolder({ "t0.ome.tif": SET[0] }).open("t0.ome.tif");
    if (source === undefined) throw new Error("there is no file");
    const store = await openTiff(source);
    await expect(keysOf(store)).rejects.toMatchObject({ _tag: "NotFound" });
    await expect(keysOf(store)).rejects.toThrow(
      "t1.ome.tif is missing, which has planes of this image: copy all files of the set into one folder",
    );
  });

  test("in a file of a set are fill values where it is asked for, and counted", async () => {
    const source = await memoryFolder({ "t0.ome.tif": SET[0] }).open("t0.ome.tif");
    if (source === undefined) throw new Error("there is no file");
    const store = await openTiff(source, { allowMissing: true });
    expect((await keysOf(store)).filter((key) => key.startsWith("/0/c/"))).toEqual(["/0/c/0/0/0"]);
    expect(await readPlane(store, "/0", { t: 0 })).toEqual(planeBytes(0));
    expect(await readPlane(store, "/0", { t: 1 })).toEqual(ZEROS);
    expect(store.findings.map(({ message }) => message)).toEqual([
      "1 chunk of t0.ome.tif cannot be read and is filled with 0: t1.ome.tif is missing, which has planes of this image: copy all files of the set into one folder.",
    ]);
  });

  test("at the end of a truncated file are an error that names the plane, or fill values", async () => {
    const start = new Uint8Array(Buffer.concat(upTo(3).map(planeBytes)));
    const size = WIDTH * HEIGHT * 2;
    const fields = basicFields(WIDTH, HEIGHT);
    const pages = upTo(3).map((k) => ({
      fields,
      segments: [],
      offsets: [k === 2 ? 1_000_000 : 8 + k * size],
      counts: [size],
    }));
    const bytes = buildTiff(pages, { start });
    await expect(keysOf(await openBytes(bytes))).rejects.toThrow(
      `image.tif is damaged or was not copied completely: plane z=2 of /0 has ${size} bytes at 1000000, beyond the ${bytes.length} bytes of the file`,
    );
    const store = await openBytes(bytes, "image.tif", { allowMissing: true });
    for (const z of [0, 1]) expect(await readPlane(store, "/0", { z })).toEqual(planeBytes(z));
    expect(await readPlane(store, "/0", { z: 2 })).toEqual(ZEROS);
    expect(store.findings.at(-1)?.message).toMatch(
      /^1 chunk of image.tif cannot be read and is filled with 0/,
    );
  });

  test("since they do not decode are fill values when they are read, and counted then", async () => {
    const strict = await openBytes(damaged());
    await expect(strict.get("/0/c/1/0/0")).rejects.toThrow(
      /^image.tif is damaged or was not copied completely: plane z=1 of \/0 has a strip that /,
    );
    const store = await openBytes(damaged(), "image.tif", { allowMissing: true });
    const before = store.findings.length;
    await keysOf(store);
    expect(store.findings).toHaveLength(before);
    expect(await store.get("/0/c/0/0/0")).toEqual(planeBytes(0));
    for (let again = 0; again < 2; again++) expect(await store.get("/0/c/1/0/0")).toEqual(ZEROS);
    expect(store.findings.at(-1)?.message).toMatch(/^1 chunk of image.tif/);
  });
});
