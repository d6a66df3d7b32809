import { readHierarchy, readOme } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { openContainer } from "@ozx/core/internal";
import { sampleMap, sampleStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { openOzx, ozxFormat } from "../../src/index.js";
import { buildZip } from "../fixtures/build-zip.js";
import { ascii } from "../fixtures/bytes.js";
import { writeZip } from "../fixtures/write-zip.js";

const SMALL = { size: { c: 1, z: 1, y: 16, x: 16 }, levels: 1, chunk: 16 } as const;
const openBytes = (bytes: Uint8Array) =>
  openContainer(memorySource(bytes, "image.zip"), { formats: [ozxFormat] });

describe("what is in the archive", () => {
  test("an image at the root has no finding", async () => {
    const store = await openBytes(await writeZip(await sampleMap(SMALL)));
    expect(store).toMatchObject({ format: "zip", name: "image.zip", findings: [] });
    expect(await readOme(await readHierarchy(store))).toMatchObject({ kind: "image" });
  });

  test("an image of Zarr v2 is read", async () => {
    const entries = await sampleMap({ ...SMALL, version: "0.4" });
    const store = await openBytes(await writeZip(entries));
    expect(await store.get("/.zattrs")).toEqual(entries.get("/.zattrs"));
    expect(await readOme(await readHierarchy(store))).toMatchObject({ kind: "image" });
  });

  test.for(["0.4", "0.5"] as const)(
    "an image of %s in a sub-folder is read, with a finding",
    async (version) => {
      const entries = [...(await sampleMap({ ...SMALL, version }))];
      const zip = buildZip({
        entries: [
          { name: "folder/" },
          ...entries.map(([key, data]) => ({ name: `folder/a.zarr${key}`, data })),
        ],
      });
      const store = await openOzx(memorySource(zip));
      expect(store.root).toBe("folder/a.zarr/");
      expect(store.findings).toMatchObject([
        { rule: "root-zarr-json", level: "MUST", where: "/folder/a.zarr" },
      ]);
      for (const [key, value] of entries) expect(await store.get(key)).toEqual(value);
      expect(await store.get("/folder/a.zarr/zarr.json")).toBeUndefined();
    },
  );

  test("any zip is opened at its own root, or at a folder, without a search", async () => {
    const document = ascii(JSON.stringify({ zarr_format: 3, node_type: "group" }));
    const source = memorySource(
      buildZip({
        entries: [
          { name: "letter.txt", data: ascii("text") },
          { name: "a.zarr/zarr.json", data: document },
          { name: "b.zarr/zarr.json", data: document },
        ],
      }),
    );
    const whole = await openOzx(source, { root: "/" });
    expect(whole).toMatchObject({ root: "", findings: [] });
    expect(await whole.get("/letter.txt")).toEqual(ascii("text"));
    for (const root of ["/b.zarr", "/b.zarr/"] as const) {
      const part = await openOzx(source, { root });
      expect(part).toMatchObject({ root: "b.zarr/", findings: [] });
      expect(await part.get("/zarr.json")).toEqual(document);
      expect(await part.get("/letter.txt")).toBeUndefined();
    }
  });

  test("several images side by side are refused, and named", async () => {
    const document = ascii(JSON.stringify({ zarr_format: 3, node_type: "group" }));
    const entries = ["a.zarr", "b.zarr"].map((folder) => ({ name: `${folder}/zarr.json`, data: document }));
    await expect(openBytes(buildZip({ entries }))).rejects.toMatchObject({
      _tag: "InvalidMetadata",
      hierarchies: ["/a.zarr", "/b.zarr"],
    });
  });

  test("no Zarr at all is refused", async () => {
    await expect(openBytes(buildZip({ entries: [{ name: "letter.txt" }] }))).rejects.toMatchObject({
      _tag: "UnknownFormat",
    });
    await expect(openBytes(buildZip())).rejects.toMatchObject({ _tag: "UnknownFormat" });
  });

  test("the store of an archive is the store that it was written from", async () => {
    const source = await sampleStore(SMALL);
    const store = await openBytes(await writeZip(await sampleMap(SMALL)));
    for await (const { key } of source.list()) expect(await store.get(key)).toEqual(await source.get(key));
  });
});

describe("probing", () => {
  const probe = (bytes: Uint8Array) => ozxFormat.probe(memorySource(bytes));

  test("knows zips by their bytes", async () => {
    expect(await probe(buildZip({ entries: [{ name: "a" }] }))).toBe(true);
    expect(await probe(buildZip())).toBe(true);
    expect(await probe(buildZip({ prefix: ascii("#!/bin/sh\n"), entries: [{ name: "a" }] }))).toBe(true);
  });

  test("recognizes a truncated zip, so that it can report it", async () => {
    expect(await probe(buildZip({ entries: [{ name: "a" }] }).subarray(0, 40))).toBe(true);
    expect(await probe(ascii("PK\x07\x08PK\x03\x04"))).toBe(true);
  });

  test("does not know anything else", async () => {
    for (const bytes of [new Uint8Array(0), ascii("PK"), ascii("II*\0"), new Uint8Array(70_000)]) {
      expect(await probe(bytes)).toBe(false);
    }
  });
});
