import { openHttpSource } from "@ozx/core/container";
import { startRangeServer } from "@ozx/testing";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => vi.unstubAllGlobals());

describe("an invalid address is named, with what to do", () => {
  test.each([
    ["image.ozx", '"image.ozx" is not an http(s) address: pass one that starts with http'],
    [new URL("file:///data/image.ozx"), '"file:///data/image.ozx" is not an http(s) address'],
    [
      "ftp://me:secret@example.org/a.ozx?sig=secret#secret",
      '"ftp://example.org/a.ozx" is not an http(s) address',
    ],
  ])("%s", async (address, message) => {
    const opening = openHttpSource(address);
    await expect(opening).rejects.toMatchObject({ _tag: "Usage", message: expect.stringContaining(message) });
    await expect(opening).rejects.toThrow("openFileSource(path) of @ozx/core/node");
    await expect(opening).rejects.not.toThrow("secret");
  });
});

test("in a page, addresses are relative to it, and in full in descriptors", async () => {
  const server = await startRangeServer(Uint8Array.of(1, 2, 3));
  const { origin, pathname } = new URL(server.url);
  vi.stubGlobal("document", { baseURI: `${origin}/page/index.html` });
  for (const address of [pathname, `..${pathname}`]) {
    const source = await openHttpSource(address);
    expect(await source.read(0, 3)).toEqual(Uint8Array.of(1, 2, 3));
    expect(source.descriptor?.().location).toBe(server.url);
    await source.close();
  }
  vi.stubGlobal("document", undefined);
  vi.stubGlobal("location", { href: `${origin}/worker.js` });
  expect((await openHttpSource(pathname)).size).toBe(3);
  await server.close();
});
