import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { describeWithChromium, outsideSample, skipFor } from "@ozx/testing";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KeptSegment, keptSegments } from "./kept-segments.js";

const segments = keptSegments();

/** What a thread does with segments: their pixels, or what is wrong with them. */
const DECODE = `
import { decodeSegment } from "./src/decode/decode-segment.js";
const decodeAll = (segments) =>
  Promise.all(segments.map(({ encoded, layout }) => decodeSegment(encoded, layout).catch(String)));
`;
const IN_NODE = `${DECODE}
import { parentPort } from "node:worker_threads";
parentPort.once("message", async (segments) => parentPort.postMessage(await decodeAll(segments)));
`;
const IN_BROWSER = `${DECODE}
addEventListener("message", async ({ data }) => postMessage(await decodeAll(data)));
`;

/** The code in one file, as bundlers make it of a package. */
async function bundle(code: string, platform: "node" | "browser"): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL("../..", import.meta.url)) },
    ...{ bundle: true, format: "esm", platform, write: false, conditions: ["@ozx/source"] },
  });
  return outputFiles[0]?.text ?? "";
}

function expectSame(pixels: readonly (Uint8Array | string)[]): void {
  expect(pixels.length).toBe(segments.length);
  for (const [k, { name, decoded }] of segments.entries()) {
    const found = pixels[k] as Uint8Array | string;
    expect(typeof found === "string" ? found : digestOf(found), name).toBe(decoded);
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test("several threads of Node decode the same pixels at once", async () => {
  const code = await bundle(IN_NODE, "node");
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const results = [0, 1].map(async () => {
    const worker = new Worker(url);
    try {
      return await new Promise<readonly (Uint8Array | string)[]>((resolve, reject) => {
        worker.once("message", resolve).once("error", reject);
        worker.postMessage(segments);
      });
    } finally {
      await worker.terminate();
    }
  });
  for (const pixels of await Promise.all(results)) expectSame(pixels);
});

describeWithChromium("in a browser", (chromium) => {
  let server: Server;

  beforeAll(async () => {
    const script = await bundle(IN_BROWSER, "browser");
    server = createServer((request, response) => {
      const isScript = request.url === "/worker.js";
      response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
      // Nothing is compiled from text, and nothing comes from elsewhere.
      response.setHeader("Content-Security-Policy", "default-src 'self' 'wasm-unsafe-eval'");
      response.end(isScript ? script : "<!doctype html><title>Decode</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test(
    "a worker decodes the same pixels, without unsafe-eval and without a request",
    skipFor(outsideSample()),
    async () => {
      const tab = await chromium().newPage();
      await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const requests: string[] = [];
      tab.on("request", (request) => requests.push(request.url()));
      const pixels = await tab.evaluate(runInWorker, segments.map(asPlain));
      await tab.close();
      expectSame(pixels.map((one) => (typeof one === "string" ? one : Uint8Array.from(one))));
      expect(requests.filter((url) => !url.endsWith("/worker.js"))).toEqual([]);
    },
  );
});

/** Bytes are arrays of numbers on the way to the page. */
interface PlainSegment {
  readonly layout: object;
  readonly encoded: number[];
  readonly jpegTables: number[] | undefined;
}

function asPlain({ layout: { jpegTables, ...layout }, encoded }: KeptSegment): PlainSegment {
  return { layout, encoded: [...encoded], jpegTables: jpegTables && [...jpegTables] };
}

/** Runs in the page. */
function runInWorker(plain: PlainSegment[]): Promise<(number[] | string)[]> {
  const worker = new globalThis.Worker("/worker.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.onmessage = ({ data }) =>
      resolve((data as (Uint8Array | string)[]).map((one) => (typeof one === "string" ? one : [...one])));
    worker.postMessage(
      plain.map(({ layout, encoded, jpegTables }) => ({
        layout: { ...layout, ...(jpegTables && { jpegTables: Uint8Array.from(jpegTables) }) },
        encoded: Uint8Array.from(encoded),
      })),
    );
  });
}
