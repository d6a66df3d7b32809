import { openOmeZarr } from "@ozx/core";
import { blobSource, memorySource } from "@ozx/core/container";
import { sampleStore, startRangeServer } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { openOzx, ozxFormat } from "../../src/index.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { storeContents } from "../fixtures/store-contents.js";
import { writeZip } from "../fixtures/write-zip.js";

let archive: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  const store = await sampleStore({ size: { c: 1, z: 1, y: 32, x: 32 }, levels: 1 });
  archive = Uint8Array.from(await writeZip(await storeContents(store)));
});

test("an archive is opened from a Blob, from bytes and by its address", async () => {
  const server = await startRangeServer(archive);
  const blob = new Blob([archive]);
  for (const input of [blob, memorySource(archive), server.url, new URL(server.url)]) {
    const store = await openOzx(input);
    expect(await store.get("/zarr.json")).toBeDefined();
    await store.close();
  }
  expect((await openZipStore(blob)).archive.end.entries).toBeGreaterThan(3);
  await server.close();
});

test("headers are sent to an address", async () => {
  const server = await startRangeServer(archive, {
    forbidden: (_, { headers }) => headers.authorization !== "Bearer abc",
  });
  await expect(openOzx(server.url)).rejects.toMatchObject({ _tag: "Unreadable" });
  await openOzx(server.url, { http: { headers: { Authorization: "Bearer abc" } } });
  await server.close();
});

describe("what bytes cannot be read from is refused with a sentence that says what to give", () => {
  const promise = Promise.resolve(memorySource(new Uint8Array(4)));
  test.each([
    ["a forgotten await", promise, "from a promise: await it, as in await openHttpSource(address)"],
    ["a buffer", Buffer.from("PK"), "from a bare buffer: pass new Blob([bytes])"],
    ["an ArrayBuffer", new ArrayBuffer(4), "from a bare buffer: pass new Blob([bytes])"],
    ["nothing", undefined, "from undefined: pass a Blob or File"],
    ["a handle", { getFile: async () => new File([], "a") }, "pass await handle.getFile()"],
    ["a number", 4, "from a number of this kind: pass a Blob or File"],
    ["a list", [], "from an array of this kind"],
  ])("%s", async (_, input, message) => {
    for (const open of [openOzx, openZipStore, anyOf] as ((input: never) => Promise<unknown>)[]) {
      await expect(open(input as never)).rejects.toMatchObject({
        _tag: "Usage",
        message: expect.stringContaining(message),
      });
    }
  });

  test("a path, which only Node has", async () => {
    await expect(openOzx("image.ozx")).rejects.toThrow(
      /^"image.ozx" is not an http\(s\) address.* openFileSource\(path\)/,
    );
  });

  test("something other than a Blob", () => {
    expect(() => blobSource(Buffer.from("PK") as never)).toThrow("blob is not a Blob: pass a File");
    expect(() => blobSource(undefined as never)).toThrow("blob is not a Blob");
  });

  test("options that are missing or misspelt", async () => {
    await expect(openOmeZarr(new Blob([archive]), undefined as never)).rejects.toThrow(
      "pass { formats: [ozxFormat] } with ozxFormat of @ozx/store-zip",
    );
    const misspelt = openOmeZarr(new Blob([archive]), { formats: [ozxFormat], pth: "0" } as never);
    await expect(misspelt).rejects.toThrow('openOmeZarr has no option "pth"; there are path, http');
  });
});

function anyOf(input: Blob): Promise<unknown> {
  return openOmeZarr(input, { formats: [ozxFormat] });
}
