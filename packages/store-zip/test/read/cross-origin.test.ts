import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { openOmeZarr } from "@ozx/core";
import {
  describeWithChromium,
  type RangeServer,
  type RangeServerOptions,
  sampleStore,
  startRangeServer,
  testSample,
} from "@ozx/testing";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ozxFormat } from "../../src/index.js";
import { storeContents } from "../fixtures/store-contents.js";
import { writeZip } from "../fixtures/write-zip.js";

/** What the page's script does with the address of an archive. */
const SCRIPT = `
import { openOmeZarr } from "@ozx/core";
import { ozxFormat } from "./src/index.js";

globalThis.readRemote = async (url) => {
  const node = await openOmeZarr(url, { formats: [ozxFormat] });
  const { data, shape } = await node.images[0].level(0).read({ c: 1 });
  await node.close();
  return { shape: [...shape], values: Array.from(data) };
};
`;

describeWithChromium("an archive of another origin", (chromium) => {
  let page: Server;
  let bucket: RangeServer;
  let archive: Uint8Array<ArrayBuffer>;

  beforeAll(async () => {
    const store = await sampleStore({
      size: { c: 2, z: 4, y: 200, x: 200 },
      levels: 2,
      chunk: 64,
      codec: "gzip",
    });
    archive = Uint8Array.from(await writeZip(await storeContents(store)));
    // As a bucket that lets every page read: no word of headers that pages may see, and no preflight.
    bucket = await startRangeServer(archive, {
      headers: { "Access-Control-Allow-Origin": "*" },
      latency: 20,
    });
    page = await servePage(await bundle());
  });

  afterAll(async () => {
    page.closeAllConnections();
    page.close();
    await bucket.close();
  });

  test("gives a page the values that it gives Node, without a preflight, and several requests at once", async () => {
    const tab = await chromium().newPage();
    await tab.goto(`http://127.0.0.1:${(page.address() as AddressInfo).port}/`);
    const there = await tab.evaluate(
      (url) => (globalThis as unknown as { readRemote: (url: string) => Promise<unknown> }).readRemote(url),
      bucket.url,
    );
    await tab.close();

    const node = await openOmeZarr(new Blob([archive]), { formats: [ozxFormat] });
    const here = await node.images[0]?.level(0).read({ c: 1 });
    expect(there).toEqual({ shape: here?.shape, values: Array.from((here?.data ?? []) as Uint16Array) });
    expect(new Set((here?.data ?? []) as Uint16Array).size).toBeGreaterThan(1);

    const methods = new Set(bucket.requests.map(({ method }) => method));
    expect([...methods].sort()).toEqual(["GET", "HEAD"]);
    expect(bucket.requests.every(({ headers }) => headers.origin !== undefined)).toBe(true);
    expect(bucket.maxInFlight).toBeGreaterThan(1);
  });

  const all = { "Access-Control-Allow-Origin": "*" };
  const servers: readonly (readonly [name: string, serving: RangeServerOptions])[] = [
    ["for pages that may see Content-Range", { headers: { ...all, ...exposing("Content-Range") } }],
    ["for pages that may see no header but the plain ones", { headers: all }],
    [
      "by leave for GET alone",
      { headers: ({ method }) => (method === "GET" ? { ...all, ...exposing("Content-Range") } : {}) },
    ],
  ];
  testSample(servers, 1)("is read where HEAD is refused, %s", async ([, serving]) => {
    const refusing = await startRangeServer(archive, {
      ...serving,
      forbidden: (_, { method }) => method === "HEAD",
    });
    onTestFinished(() => refusing.close());
    const tab = await chromium().newPage();
    await tab.goto(`http://127.0.0.1:${(page.address() as AddressInfo).port}/`);
    const there = await tab.evaluate(
      (url) => (globalThis as unknown as { readRemote: (url: string) => Promise<unknown> }).readRemote(url),
      refusing.url,
    );
    await tab.close();
    expect(there).toMatchObject({ shape: [4, 200, 200] });
    expect(new Set(refusing.requests.map(({ method }) => method))).toEqual(new Set(["GET", "HEAD"]));
  });
});

function exposing(name: string): Record<string, string> {
  return { "Access-Control-Expose-Headers": name };
}

/** Core and this package as one script for browsers. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: fileURLToPath(new URL("../..", import.meta.url)) },
    bundle: true,
    write: false,
    platform: "browser",
    format: "esm",
    target: "es2022",
    conditions: ["@ozx/source"],
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

async function servePage(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response
      .writeHead(200, { "Content-Type": isScript ? "text/javascript" : "text/html; charset=utf-8" })
      .end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
