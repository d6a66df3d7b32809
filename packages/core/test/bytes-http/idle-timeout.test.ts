import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { openStore } from "@ozx/core";
import { openHttpSource } from "@ozx/core/container";
import { afterEach, describe, expect, test, vi } from "vitest";
import { downloadSource } from "../../src/node/open/download.js";

const FILE = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 24);
const TIMEOUT = 150;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

test("a request to a server that never answers is retried once, and then fails", async () => {
  const server = await serve(() => {});
  const opening = openHttpSource(server.url, { timeout: TIMEOUT });
  await expect(opening).rejects.toMatchObject({
    _tag: "Network",
    location: server.url,
    message: expect.stringContaining("has sent nothing for 0.1 s"),
  });
  expect(server.count).toBe(2);
});

test("a request whose body stalls is retried once", async () => {
  const server = await serve(halfAtFirst(1));
  const source = await openHttpSource(server.url, { timeout: TIMEOUT, sizeBy: "head" });
  expect(await source.read(1000, 200_000)).toEqual(FILE.slice(1000, 201_000));
});

test("and fails when it stalls again", async () => {
  const server = await serve(halfAtFirst(5));
  const source = await openHttpSource(server.url, { timeout: TIMEOUT, sizeBy: "head" });
  await expect(source.read(1000, 200_000)).rejects.toMatchObject({ _tag: "Network" });
  await expect(downloadSource(server.url, { timeout: TIMEOUT })).rejects.toMatchObject({ _tag: "Network" });
});

test("a value of a folder, and one that is read as a stream", async () => {
  const server = await serve((response, { path }) => {
    if (path.endsWith("/zarr.json")) return void response.end("{}");
    response.writeHead(200, { "Content-Length": 1000 });
    response.write("something");
  });
  const store = await openStore(server.url, { formats: [], http: { timeout: TIMEOUT } });
  await expect(store.get("/c/0")).rejects.toMatchObject({ _tag: "Network" });
  const stream = await store.stream("/c/0");
  const reading = new Response(stream).arrayBuffer();
  await expect(reading).rejects.toMatchObject({
    _tag: "Network",
    message: expect.stringContaining("nothing"),
  });
});

test("what comes slowly, piece by piece, comes", async () => {
  const server = await serve(async (response) => {
    response.writeHead(200, { "Content-Length": 800 });
    for (let piece = 0; piece < 8; piece++) {
      await new Promise((resolve) => setTimeout(resolve, TIMEOUT / 3));
      response.write("x".repeat(100));
    }
    response.end();
  });
  const source = await downloadSource(server.url, { timeout: TIMEOUT });
  expect(source.size).toBe(800);
  await source.close();
});

describe("a server that sends a byte now and then, so that it is never silent for long", () => {
  const drip = (response: ServerResponse, { path }: { path: string }): void => {
    if (path.endsWith("/zarr.json")) return void response.end("{}");
    response.writeHead(200, { "Content-Length": 1_000_000 });
    const timer = setInterval(() => response.write("x"), TIMEOUT / 6);
    response.once("close", () => clearInterval(timer));
  };
  const givenUp = { _tag: "Network", message: expect.stringMatching(/has sent only \d+ bytes in 0\.\d s/) };

  test("is given up when the whole of a value is read", async () => {
    const server = await serve(drip);
    const store = await openStore(server.url, { formats: [], http: { timeout: TIMEOUT } });
    await expect(store.get("/c/0")).rejects.toMatchObject(givenUp);
    expect(server.count).toBe(3);
  });

  test("is given up when a value is streamed, a part is read, or a file is downloaded", async () => {
    const server = await serve(drip);
    const store = await openStore(server.url, { formats: [], http: { timeout: TIMEOUT } });
    const reading = new Response(await store.stream("/c/0")).arrayBuffer();
    await expect(reading).rejects.toMatchObject(givenUp);
    await expect(store.getRange("/c/0", { offset: 0, length: 1000 })).rejects.toMatchObject(givenUp);
    await expect(downloadSource(server.url, { timeout: TIMEOUT })).rejects.toMatchObject(givenUp);
  });

  test("is waited for while the reader is slow, and not the server", async () => {
    const server = await serve((response, { path }) => {
      response.end(path.endsWith("/zarr.json") ? "{}" : "x".repeat(3));
    });
    const store = await openStore(server.url, { formats: [], http: { timeout: TIMEOUT } });
    const reader = (await store.stream("/c/0"))?.getReader();
    await new Promise((resolve) => setTimeout(resolve, 3 * TIMEOUT));
    expect((await reader?.read())?.value).toHaveLength(3);
    expect((await reader?.read())?.done).toBe(true);
  });
});

test("a request that waits in line while the server sends others does not time out", async () => {
  const server = await serve((response, { range, path }) => {
    if (path.endsWith("/zarr.json")) return void response.end("{}");
    const wait = range?.startsWith("bytes=900-") ? 3 * TIMEOUT : TIMEOUT / 3;
    setTimeout(() => response.writeHead(206, { "Content-Length": 4 }).end("four"), wait);
  });
  const store = await openStore(server.url, { formats: [], http: { timeout: TIMEOUT } });
  const last = store.getRange("/c/0", { offset: 900, length: 4 });
  for (let offset = 0; offset < 100; offset += 10) await store.getRange("/c/0", { offset, length: 4 });
  expect(await last).toHaveLength(4);
  expect(server.count).toBe(12);
});

test("nor is a body, nor what another store on the same server waits for", async () => {
  const server = await serve(async (response, { range, path }) => {
    if (path.endsWith("/zarr.json")) return void response.end("{}");
    response.writeHead(206, { "Content-Length": 40 });
    const half = "x".repeat(20);
    if (range?.startsWith("bytes=900-")) {
      response.write(half);
      await new Promise((resolve) => setTimeout(resolve, 3 * TIMEOUT));
      return void response.end(half);
    }
    setTimeout(() => response.end(half + half), TIMEOUT / 3);
  });
  const open = () => openStore(server.url, { formats: [], http: { timeout: TIMEOUT } });
  const [store, other] = [await open(), await open()];
  const last = store.getRange("/c/0", { offset: 900, length: 40 });
  for (let offset = 0; offset < 500; offset += 50) await other.getRange("/c/0", { offset, length: 40 });
  expect(await last).toHaveLength(40);
  expect(server.count).toBe(13);
});

test("an aborted call fails at once, with its own reason", async () => {
  const server = await serve(() => {});
  const controller = new AbortController();
  const reason = new Error("enough");
  const opening = openHttpSource(server.url, { timeout: 60_000, signal: controller.signal });
  setTimeout(() => controller.abort(reason), 20);
  await expect(opening).rejects.toBe(reason);
});

test("no timer is left", async () => {
  const server = await serve(halfAtFirst(1));
  const [set, clear] = [vi.spyOn(globalThis, "setInterval"), vi.spyOn(globalThis, "clearInterval")];
  const source = await openHttpSource(server.url, { timeout: TIMEOUT, sizeBy: "head" });
  await source.read(0, 200_000);
  const cleared = new Set(clear.mock.calls.map(([timer]) => timer));
  const left = set.mock.results.filter(({ value }) => !cleared.has(value));
  expect([set.mock.results.length > 1, left.length]).toEqual([true, 0]);
});

test.each([0, -1, Number.NaN])("a timeout of %d is none", async (timeout) => {
  await expect(openHttpSource("http://127.0.0.1", { timeout })).rejects.toMatchObject({ _tag: "Usage" });
});

interface Asked {
  readonly path: string;
  readonly range: string | undefined;
}

/** Sends half of what is asked for, and then nothing, as many times as it says. */
function halfAtFirst(times: number): (response: ServerResponse, asked: Asked & { method: string }) => void {
  let left = times;
  return (response, { range, method }) => {
    if (method === "HEAD") return void response.setHeader("Content-Length", FILE.length).end();
    const [, first = 0, last = FILE.length - 1] = /=(\d+)-(\d+)/.exec(range ?? "") ?? [];
    const body = FILE.subarray(Number(first), Number(last) + 1);
    const part = { "Content-Range": `bytes ${first}-${last}/${FILE.length}` };
    response.writeHead(range ? 206 : 200, { "Content-Length": body.length, ...(range && part) });
    if (left-- > 0) response.write(body.subarray(0, body.length / 2));
    else response.end(body);
  };
}

async function serve(answer: (response: ServerResponse, asked: Asked & { method: string }) => unknown) {
  const served = { url: "", count: 0 };
  const server = createServer(({ url = "", method = "", headers: { range } }, response) => {
    served.count++;
    void answer(response, { path: url, method, range });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/image.zarr`;
  return served;
}
