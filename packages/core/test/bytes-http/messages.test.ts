import { openStore } from "@ozx/core";
import { type HttpSourceOptions, openHttpSource } from "@ozx/core/container";
import { type RangeServerOptions, startRangeServer } from "@ozx/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { downloadSource } from "../../src/node/open/download.js";

const FILE = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 24);

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllGlobals();
  for (const close of closing.splice(0)) await close();
});

describe("a server that answers with a web page", () => {
  const pages: RangeServerOptions = { fault: "no-ranges", headers: { "Content-Type": "text/html" } };
  const ways: [string, (url: string) => Promise<unknown>][] = [
    ["in one request", (url) => openHttpSource(url, { sizeBy: "suffix" })],
    ["as from a browser", (url) => openHttpSource(url, { sizeBy: "head" })],
    ["whole", (url) => downloadSource(url)],
    ["whatever it is", (url) => openStore(url, { formats: [] })],
  ];
  test.each(ways)("%s: that is said", async (_, open) => {
    // The server of tests sets its own type, so it is told what to answer here.
    const { url } = await serve(pages);
    vi.stubGlobal("fetch", asWebPages(fetch));
    await expect(open(url)).rejects.toMatchObject({
      _tag: "InvalidArchive",
      message: expect.stringMatching(/answers with a web page.*in a browser/),
    });
  });
});

test("https to a server without TLS is tried once, and reported in one line", async () => {
  const { url } = await serve();
  const asked = vi.fn(fetch);
  const opening = openHttpSource(url.replace("http:", "https:"), { fetch: (to, init) => asked(to, init) });
  await expect(opening).rejects.toMatchObject({
    _tag: "Network",
    message: expect.stringMatching(/^[^\n]*does not speak https: try http:\/\/$/),
  });
  expect(asked).toHaveBeenCalledTimes(1);
});

describe("in a page", () => {
  const failing = (count: { requests: number }): HttpSourceOptions => ({
    sizeBy: "head",
    fetch: async () => {
      count.requests++;
      throw new TypeError("Failed to fetch");
    },
  });

  test("of another site, that it may not be allowed to read is said, after fewer tries", async () => {
    vi.stubGlobal("location", { origin: "https://viewer.example" });
    const count = { requests: 0 };
    await expect(openHttpSource("https://data.example/image.ozx", failing(count))).rejects.toMatchObject({
      _tag: "Network",
      message: expect.stringMatching(/CORS: Access-Control-Allow-Origin/),
    });
    expect(count.requests).toBe(3);
  });

  test("of the same site it is not", async () => {
    vi.stubGlobal("location", { origin: "https://data.example" });
    const count = { requests: 0 };
    const error = await openHttpSource("https://data.example/image.ozx", failing(count)).catch(String);
    expect(error).not.toContain("CORS");
    expect(count.requests).toBe(5);
  });
});

describe("what an address asks with is in no message", () => {
  test("and goes along with every request", async () => {
    const { url, requests } = await serve();
    const asked: string[] = [];
    const source = await openHttpSource(`${url}?token=s3cret`, {
      fetch: (to, init) => {
        asked.push(to);
        return fetch(to, init);
      },
    });
    await source.read(0, 10);
    expect(source.name).toBe(`${url}?…`);
    expect(asked).toEqual(requests.map(() => `${url}?token=s3cret`));
    // Whoever opens it elsewhere needs all of it.
    expect(source.descriptor?.().location).toBe(`${url}?token=s3cret`);
  });

  test.each(["not-found", "forbidden"] as const)("where it is %s", async (fault) => {
    const { url } = await serve({ fault });
    for (const location of [
      `${url}?token=s3cret`,
      `${url.replace("//", "//ann:s3cret@")}/?x=s3cret#s3cret`,
    ]) {
      const error = await openStore(location, { formats: [] }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ location: expect.stringMatching(/\/\?…$|\.ozx\?…$/) });
      expect(String(error)).not.toContain("s3cret");
    }
  });
});

test("denied access is reported with the address as passed, and the status", async () => {
  const { url } = await serve({ missing: 401, forbidden: () => false, nothing: true });
  await expect(openStore(url, { formats: [] })).rejects.toMatchObject({
    _tag: "Unreadable",
    location: url,
    status: 401,
    message: expect.not.stringContaining("--header"),
  });
});

function asWebPages(send: typeof fetch): typeof fetch {
  return async (url, init) => {
    const { body, status, headers } = await send(url, init);
    const changed = new Headers(headers);
    changed.set("Content-Type", "text/html; charset=utf-8");
    return new Response(body, { status, headers: changed });
  };
}

async function serve({ nothing = false, ...options }: RangeServerOptions & { nothing?: boolean } = {}) {
  const server = await startRangeServer(nothing ? () => undefined : FILE, options);
  closing.push(server.close);
  return { url: server.url.replace(/zarr$/, "ozx"), requests: server.requests };
}
