import { describeStore, sampleMap } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { type AbsolutePath, filesStore, folderStore, openOmeZarr } from "../../src/index.js";
import { fakeFolder } from "./fake-folder.js";

describeStore("a folder's handle", async (entries) => folderStore(fakeFolder(entries)));
describeStore("a list of files", async (entries) => filesStore(asFiles(entries), "image.zarr"));

describe("stores of a browser's files", () => {
  test("an image is opened and read", async () => {
    const sample = await sampleMap({ size: { y: 64, x: 64 }, levels: 1 });
    for (const store of [folderStore(fakeFolder(sample)), filesStore(asFiles(sample), "image.zarr")]) {
      const node = await openOmeZarr(store, { formats: [] });
      const plane = await node.images[0]?.level(0).read({ c: 0, z: 0 });
      expect(plane?.shape).toEqual([64, 64]);
    }
  });

  test("the size of a file is asked once, since a page waits for the disk", async () => {
    let asked = 0;
    const file = Object.defineProperty(new File([new Uint8Array(4)], "c"), "size", {
      get: () => ++asked && 4,
    });
    const store = filesStore(new Map([["0/c", file]]), "image.zarr");
    const keys = [];
    for await (const { key, size } of store.list()) keys.push([key, size]);
    expect(keys).toEqual([["/0/c", 4]]);
    expect(await store.get("/0/c")).toEqual(new Uint8Array(4));
    expect(await store.get("/0/c")).toEqual(new Uint8Array(4));
    expect(asked).toBe(1);
  });

  test("a folder that may not be read is said to be that", async () => {
    const refuse = async () => {
      throw new DOMException("not allowed", "NotAllowedError");
    };
    const handle = { ...fakeFolder(new Map()), name: "image.zarr", getFileHandle: refuse };
    await expect(folderStore(handle).get("/zarr.json")).rejects.toMatchObject({
      _tag: "Unreadable",
      message: expect.stringMatching(/image\.zarr\/zarr\.json cannot be read.*choose the folder again/),
    });
  });

  test("what is allowed later is read then", async () => {
    const folder = fakeFolder(new Map([["/0/zarr.json", new Uint8Array([7])]]));
    let isAllowed = false;
    const handle = {
      ...folder,
      name: "image.zarr",
      async getDirectoryHandle(child: string) {
        if (!isAllowed) throw new DOMException("not allowed", "NotAllowedError");
        return folder.getDirectoryHandle(child);
      },
    };
    const store = folderStore(handle);
    await expect(store.get("/0/zarr.json")).rejects.toMatchObject({ _tag: "Unreadable" });
    isAllowed = true;
    expect(await store.get("/0/zarr.json")).toEqual(new Uint8Array([7]));
  });
});

function asFiles(entries: ReadonlyMap<AbsolutePath, Uint8Array>): Map<string, File> {
  return new Map([...entries].map(([key, bytes]) => [key.slice(1), new File([new Uint8Array(bytes)], key)]));
}
