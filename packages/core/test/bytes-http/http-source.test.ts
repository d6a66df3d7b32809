import type { ByteSource } from "@ozx/core";
import { type HttpSourceOptions, openHttpSource } from "@ozx/core/container";

type Fetch = NonNullable<HttpSourceOptions["fetch"]>;

import { type RangeServer, type RangeServerOptions, startRangeServer } from "@ozx/testing";
import { afterEach, describe, expect, test } from "vitest";

const SIZE = 4_000_000;
const FILE = Uint8Array.from({ length: SIZE }, (_, i) => (i * 2654435761) >>> 24);

let server: RangeServer | undefined;
afterEach(() => server?.close());

async function opened(
  serving: RangeServerOptions = {},
  options: HttpSourceOptions = {},
): Promise<{ source: ByteSource; served: RangeServer }> {
  const served = await startRangeServer(FILE, serving);
  server = served;
  return { source: await openHttpSource(served.url, options), served };
}

describe.each(["suffix", "head"] as const)("with its size by %s", (sizeBy) => {
  test("it has its length and every range", async () => {
    const { source, served } = await opened({}, { sizeBy });
    expect(source.size).toBe(SIZE);
    expect(served.requests).toHaveLength(1);
    for (const [offset, length] of [
      [0, 10],
      [SIZE - 10, 10],
      [1000, 100_000],
      [SIZE - 200_000, 200_000],
      [5, 0],
    ] as const) {
      expect(await source.read(offset, length)).toEqual(FILE.slice(offset, offset + length));
    }
  });

  test("a range outside is refused without a request", async () => {
    const { source, served } = await opened({}, { sizeBy });
    await expect(source.read(SIZE - 5, 6)).rejects.toThrow(RangeError);
    expect(served.requests).toHaveLength(1);
  });
});

test("the end of the file comes with the first request", async () => {
  const { source, served } = await opened({}, { sizeBy: "suffix" });
  await source.read(SIZE - 66_000, 66_000);
  expect(served.requests).toHaveLength(1);
});

test("the length is requested by HEAD where a server has no suffix ranges", async () => {
  expect((await opened({ fault: "no-suffix" }, { sizeBy: "suffix" })).source.size).toBe(SIZE);
});

describe("where HEAD is refused", () => {
  test("by a server without suffix ranges, plain ranges are left", async () => {
    const neither: RangeServerOptions = {
      fault: "no-suffix",
      forbidden: (_, { method }) => method === "HEAD",
    };
    expect((await opened(neither, { sizeBy: "suffix" })).source.size).toBe(SIZE);
  });

  test.each([403, 404, 405, 501])("with %i, the first range has the length and the start", async (status) => {
    const refuse: Fetch = async (url, init) =>
      init.method === "HEAD" ? new Response(null, { status }) : fetch(url, init);
    const { source, served } = await opened({}, { sizeBy: "head", fetch: refuse });
    expect(source.size).toBe(SIZE);
    expect(served.requests.map(({ range }) => range)).toEqual(["bytes=0-65535"]);
    expect(await source.read(60_000, 5000)).toEqual(FILE.slice(60_000, 65_000));
    expect(served.requests).toHaveLength(1);
    expect(await source.read(65_000, 5000)).toEqual(FILE.slice(65_000, 70_000));
    expect(await source.read(SIZE - 9, 9)).toEqual(FILE.slice(SIZE - 9));
  });

  test.each([0, 1, 5000, 65_536])("a file of %i bytes has its length", async (size) => {
    server = await startRangeServer(FILE.subarray(0, size), { fault: "no-head" });
    const source = await openHttpSource(server.url, { sizeBy: "head" });
    expect([source.size, await source.read(0, size)]).toEqual([size, FILE.slice(0, size)]);
  });

  test("by breaking the connection, GET is sent all the same", async () => {
    const broken: Fetch = async (url, init) => {
      if (init.method === "HEAD") throw new TypeError("Failed to fetch");
      return fetch(url, init);
    };
    expect((await opened({}, { sizeBy: "head", fetch: broken })).source.size).toBe(SIZE);
  });

  /** As a browser shows the answers of another site that exposes no headers. */
  const hiding =
    (...hidden: string[]): Fetch =>
    async (url, init) => {
      if (init.method === "HEAD") return new Response(null, { status: 403 });
      const { body, status, headers } = await fetch(url, init);
      const shown = [...headers].filter(([name]) => !hidden.includes(name));
      return new Response(body, { status, headers: shown });
    };

  test("and the range is hidden, the length is that of all there is, which is not fetched", async () => {
    const { source } = await opened({}, { sizeBy: "head", fetch: hiding("content-range", "etag") });
    expect(source.size).toBe(SIZE);
    expect(await source.read(SIZE - 9, 9)).toEqual(FILE.slice(SIZE - 9));
  });

  test("and every length is hidden, the error says what would help", async () => {
    const fetching = hiding("content-range", "content-length");
    await expect(opened({}, { sizeBy: "head", fetch: fetching })).rejects.toMatchObject({
      _tag: "Unsupported",
      message: expect.stringContaining('"Access-Control-Expose-Headers: Content-Range"'),
    });
  });

  test("a server without ranges is an error that says so", async () => {
    const refusing: RangeServerOptions = {
      fault: "no-ranges",
      forbidden: (_, { method }) => method === "HEAD",
    };
    await expect(opened(refusing, { sizeBy: "head" })).rejects.toMatchObject({
      _tag: "Unsupported",
      feature: "server without ranges",
    });
  });
});

test("neighbours that are wanted at once are one request, far ones are several in flight", async () => {
  const { source, served } = await opened({ latency: 20 });
  const near = await Promise.all([0, 1, 2, 3].map((k) => source.read(k * 10_000, 9_000)));
  expect(near.map((bytes) => bytes.length)).toEqual([9000, 9000, 9000, 9000]);
  expect(near[2]).toEqual(FILE.slice(20_000, 29_000));
  expect(served.requests).toHaveLength(2);
  await Promise.all(Array.from({ length: 20 }, (_, k) => source.read(k * 150_000, 1000)));
  // What one of them asks for came with the first request already.
  expect(served.requests).toHaveLength(21);
  expect(served.maxInFlight).toBeGreaterThan(2);
  expect(served.maxInFlight).toBeLessThanOrEqual(6);
});

test("48 neighbouring chunks are at most 12 requests and 1.2 times their bytes", async () => {
  const { source, served } = await opened();
  const size = 32 * 1024;
  await Promise.all(Array.from({ length: 48 }, (_, k) => source.read(k * (size + 90), size)));
  const requests = served.requests.slice(1);
  expect(requests.length).toBeLessThanOrEqual(12);
  expect(requests.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(48 * size * 1.2);
});

test("headers are sent with every request", async () => {
  const { source, served } = await opened({}, { headers: { authorization: "Bearer x" } });
  await source.read(0, 10);
  expect(served.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer x", "Bearer x"]);
});

describe("a server that does wrong never gives wrong bytes", () => {
  test.each([
    ["no-ranges", "Unsupported"],
    ["shifted", "InvalidArchive"],
    ["short", "InvalidArchive"],
    ["web-page", "InvalidArchive"],
    ["compressed", "InvalidArchive"],
    ["not-found", "NotFound"],
    ["forbidden", "Unreadable"],
  ] as const)("%s", async (fault, tag) => {
    const reading = async (): Promise<unknown> => (await opened({ fault })).source.read(1000, 5000);
    await expect(reading()).rejects.toMatchObject({
      _tag: tag,
      location: expect.stringContaining("/image.ozx"),
    });
  });

  /** A server that says other lengths than are true: of the file, of a part, or of what it sends. */
  const misstating =
    (method: string, change: (headers: Headers) => void): Fetch =>
    async (url, init) => {
      const { body, status, headers } = await fetch(url, init);
      const changed = new Headers(headers);
      if (init.method === method) change(changed);
      return new Response(body, { status, headers: changed });
    };

  test.each<[string, "HEAD" | "GET", string, string, string]>([
    ["a file too short", "HEAD", "content-length", String(SIZE - 100), "SourceChanged"],
    ["a file too long", "HEAD", "content-length", String(SIZE + 100), "SourceChanged"],
    ["a part shorter than it is", "GET", "content-range", `bytes 1000-5998/${SIZE}`, "InvalidArchive"],
    ["a part longer than it is", "GET", "content-range", `bytes 1000-6000/${SIZE}`, "InvalidArchive"],
    ["a whole too short", "GET", "content-range", "bytes 1000-5999/6000", "SourceChanged"],
  ])("lengths that are wrong: %s", async (_, method, name, value, tag) => {
    const fetching = misstating(method, (headers) => headers.set(name, value));
    const reading = async (): Promise<unknown> =>
      (await opened({}, { sizeBy: "head", fetch: fetching })).source.read(1000, 5000);
    await expect(reading()).rejects.toMatchObject({ _tag: tag });
  });

  test.each([
    ["more", 5001, "InvalidArchive"],
    ["fewer", 4999, "Network"],
  ])("a body of %s bytes than its headers say", async (_, length, tag) => {
    const fetching: Fetch = async (url, init) => {
      const response = await fetch(url, init);
      if (init.method === "HEAD") return response;
      return new Response(new Uint8Array(length), { status: 206, headers: response.headers });
    };
    const { source } = await opened({}, { sizeBy: "head", fetch: fetching });
    await expect(source.read(1000, 5000)).rejects.toMatchObject({ _tag: tag });
  });

  test("a file that is replaced between two reads", async () => {
    const { source } = await opened({ fault: "replaced" });
    await source.read(0, 10);
    await source.read(50_000, 10);
    await expect(source.read(100_000, 10)).rejects.toMatchObject({ _tag: "SourceChanged" });
  });

  test.each(["busy", "cut"] as const)("%s: it tries again", async (fault) => {
    const { source, served } = await opened({ fault });
    expect(await source.read(1000, 300_000)).toEqual(FILE.slice(1000, 301_000));
    expect(served.requests.length).toBeGreaterThan(2);
  });

  test("a server that is not there", async () => {
    const { served } = await opened();
    await served.close();
    await expect(openHttpSource(served.url)).rejects.toMatchObject({ _tag: "Network" });
  });
});

describe("aborting", () => {
  test("ends the request on the wire", async () => {
    // The file is opened with the first request; whoever waits for the second one waits for an hour.
    const { source, served } = await opened({ latency: (n) => (n === 1 ? 0 : 3_600_000) });
    const controller = new AbortController();
    const read = source.read(0, 1000, { signal: controller.signal });
    await expect.poll(() => served.requests.length).toBe(2);
    controller.abort();
    await expect(read).rejects.toMatchObject({ name: "AbortError" });
    await expect.poll(() => served.inFlight).toBe(0);
    expect(served.requests).toHaveLength(2);
  });

  test("one of two neighbours does not end the other", async () => {
    const { source } = await opened({ latency: 50 });
    const controller = new AbortController();
    const [aborted, kept] = [source.read(0, 1000, { signal: controller.signal }), source.read(1000, 1000)];
    setTimeout(() => controller.abort(), 10);
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    expect(await kept).toEqual(FILE.slice(1000, 2000));
  });

  test("stops an opening", async () => {
    await expect(opened({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  });
});
