import { openAsBlob, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { memorySource } from "@ozx/core/container";
import { describeWithSharedData, readValues, tempFolder, writeSampleFolder } from "@ozx/testing";
import { isOzxError, open, openOmeZarr, reopen } from "ozx";
import { beforeAll, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();

beforeAll(async () => {
  const options = { levels: 2, size: { c: 2, z: 2, y: 300, x: 300 }, chunk: 100 } as const;
  await writeSampleFolder(temp.path("cells.zarr"), options);
  await writeSampleFolder(temp.path("sharded.zarr"), { ...options, shards: true });
  for (const name of ["cells", "sharded"]) {
    await runOzx(["convert", `${name}.zarr`, `${name}.ozx`], { cwd: temp.path() });
  }
});

test.each(["cells.zarr", "cells.ozx", "sharded.zarr", "sharded.ozx"])(
  "from the path %s to pixels",
  async (name) => {
    const node = await openOmeZarr(temp.path(name));
    const level = node.images[0]?.level(0);
    const plane = await level?.read({ c: 1, z: 1 });
    await node.close();
    expect(plane?.axes).toEqual(["y", "x"]);
    const store = await open(temp.path("cells.zarr"));
    const { values } = await readValues(store, "/0");
    expect(plane && Array.from(plane.data as Uint16Array)).toEqual(values.slice(3 * 300 * 300));
  },
);

test("the same of a Blob, and of bytes", async () => {
  const path = temp.path("sharded.ozx");
  for (const source of [await openAsBlob(path), memorySource(readFileSync(path), "memory")]) {
    await using node = await openOmeZarr(source);
    const part = await node.images[0]?.level(1).read({ c: 0, z: 0, y: [100, 110], x: [0, 7] });
    expect(part?.shape).toEqual([10, 7]);
  }
});

test("a file: address, as new URL(name, import.meta.url) is", async () => {
  for (const name of ["cells.ozx", "cells.zarr"]) {
    const address = pathToFileURL(temp.path(name));
    for (const place of [address, address.href]) {
      await using node = await openOmeZarr(place);
      expect(node.images).toHaveLength(1);
      await (await open(place)).close();
    }
  }
  await expect(open("file://elsewhere/image.ozx")).rejects.toThrow(
    "file://elsewhere/image.ozx is not a file on this computer: give its path",
  );
});

test("a store of a Blob, which no other thread can open", async () => {
  const store = await open(await openAsBlob(temp.path("cells.ozx")));
  expect(await store.get("/zarr.json")).toBeDefined();
  expect(store.descriptor).toBeUndefined();
  await expect(reopen(store.descriptor?.() as never)).rejects.toThrow(
    "reopen needs a descriptor, which descriptor() of a store returns",
  );
});

test("what cannot be opened, and options that there are none of, are told in one sentence", async () => {
  for (const opening of [open, openOmeZarr] as ((given: never) => Promise<unknown>)[]) {
    await expect(opening(Buffer.from("PK") as never)).rejects.toThrow("pass new Blob([bytes])");
    await expect(opening(undefined as never)).rejects.toThrow("from undefined: pass a Blob or File");
  }
  const path = temp.path("cells.ozx");
  await expect(openOmeZarr(path, { pth: "0" } as never)).rejects.toThrow(
    'openOmeZarr has no option "pth"; there are path, http, signal, wholeIndex, shareIndex',
  );
  const misspelt = open(path, { shareIndx: true } as never);
  await expect(misspelt).rejects.toThrow('open has no option "shareIndx"; there are http, shareIndex');
  await expect(open(path, { http: { timeOut: 1 } } as never)).rejects.toThrow(
    'http has no option "timeOut"; there are headers, fetch, timeout',
  );
  expect(isOzxError(await misspelt.catch((error) => error), "Usage")).toBe(true);
});

test("a number of workers that is none is refused", async () => {
  for (const workers of [-1, 1.5, Number.NaN]) {
    await expect(openOmeZarr(temp.path("cells.ozx"), { workers })).rejects.toThrow(
      `invalid number of workers: ${workers}; give a whole number, or 0 for none`,
    );
  }
});

test("a path that does not exist, and a file that is no archive", async () => {
  await expect(openOmeZarr(temp.path("missing.ozx"))).rejects.toMatchObject({ _tag: "NotFound" });
  await expect(openOmeZarr(new Blob(["hello"]))).rejects.toMatchObject({ _tag: "UnknownFormat" });
});

test("an aborted opening rejects with the reason", async () => {
  const reason = new Error("enough");
  const opening = openOmeZarr(temp.path("cells.ozx"), { signal: AbortSignal.abort(reason) });
  await expect(opening).rejects.toBe(reason);
});

describeWithSharedData("real data", "cardiomyocyte-v04.zarr", (path) => {
  test("blosc-compressed planes of OME-Zarr 0.4", async () => {
    const node = await openOmeZarr(path);
    const plane = await node.images[0]?.level(2).read({ c: 0, z: 0 });
    expect(plane?.shape).toEqual([270, 320]);
    const values = plane?.data as Uint16Array;
    expect(Math.max(...values.subarray(0, 10_000))).toBeGreaterThan(100);
    const label = await node.labels[0]?.level(3).read({ z: 0 });
    expect(label?.shape).toEqual([270, 320]);
  });
});
