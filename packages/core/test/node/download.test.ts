import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notOn, type RangeServer, skipFor, startRangeServer } from "@ozx/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { downloadSource } from "../../src/node/open/download.js";

const FILE = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 24);

let folder: string;
let server: RangeServer | undefined;
let plain: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ozx-test-download-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  plain?.closeAllConnections();
  plain?.close();
  server = plain = undefined;
  await rm(folder, { recursive: true, force: true });
});

test("a file on a server without range requests is read from a copy, which is removed at the end", async () => {
  server = await startRangeServer(FILE, { fault: "no-ranges" });
  const seen: { bytes: number; total: number | undefined }[] = [];
  const source = await downloadSource(server.url, { onDownload: (done) => seen.push({ ...done }) });
  expect(source).toMatchObject({ name: server.url, size: FILE.length });
  expect(await source.read(100_000, 50_000)).toEqual(FILE.slice(100_000, 150_000));
  expect(await source.read(0, 10)).toEqual(FILE.slice(0, 10));
  expect(server.requests).toHaveLength(1);
  expect(seen.at(-1)).toEqual({ bytes: FILE.length, total: FILE.length });
  await source.close();
  expect(readdirSync(folder)).toEqual([]);
});

test("the copy has no name while it is read", skipFor(notOn("win32")), async () => {
  server = await startRangeServer(FILE);
  const source = await downloadSource(server.url);
  expect(readdirSync(folder)).toEqual([]);
  expect(source.descriptor).toBeUndefined();
  expect(await source.read(7, 3)).toEqual(FILE.slice(7, 10));
  await source.close();
});

test("an interrupted body is downloaded again from the beginning", async () => {
  const { url } = await brokenOnce();
  const source = await downloadSource(url);
  expect(await source.read(0, FILE.length)).toEqual(FILE);
  await source.close();
});

test("a file that changes before the retry is refused", async () => {
  const { url } = await brokenOnce({ second: { ETag: '"two"' } });
  await expect(downloadSource(url)).rejects.toMatchObject({ _tag: "SourceChanged", location: url });
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["not-found", "NotFound"],
  ["forbidden", "Unreadable"],
  ["web-page", "InvalidArchive"],
] as const)("%s leaves nothing behind", async (fault, tag) => {
  // The page comes from the second request on.
  server = await startRangeServer(FILE, { fault });
  if (fault === "web-page") await (await fetch(server.url)).arrayBuffer();
  await expect(downloadSource(server.url)).rejects.toMatchObject({ _tag: tag });
  expect(readdirSync(folder)).toEqual([]);
});

test("an abort in the middle leaves nothing behind", async () => {
  const { url } = await stalling();
  const controller = new AbortController();
  const reason = new Error("enough");
  let during: readonly string[] = [];
  const loading = downloadSource(url, {
    signal: controller.signal,
    onDownload: () => {
      during = readdirSync(folder);
      controller.abort(reason);
    },
  });
  await expect(loading).rejects.toBe(reason);
  expect(during).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([]);
});

test("a missing folder for temporary files is an error that names it", async () => {
  server = await startRangeServer(FILE);
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, join(folder, "none"));
  await expect(downloadSource(server.url)).rejects.toMatchObject({
    _tag: "WriteFailed",
    message: expect.stringMatching(/none.*TMPDIR/),
  });
});

/** Breaks off in the middle of the first body. */
async function brokenOnce({ second = {} }: { second?: Record<string, string> } = {}) {
  let count = 0;
  return serve((response) => {
    const first = ++count === 1;
    response.writeHead(200, { "Content-Length": FILE.length, ETag: '"one"', ...(first ? {} : second) });
    if (first) response.write(FILE.subarray(0, 1000), () => response.destroy());
    else response.end(FILE);
  });
}

/** Sends a part, and then nothing. */
function stalling() {
  return serve((response) => {
    response.writeHead(200, { "Content-Length": FILE.length });
    response.write(FILE.subarray(0, 1000));
  });
}

async function serve(answer: (response: ServerResponse) => void) {
  const started = createServer((_, response) => answer(response));
  plain = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(started.address() as AddressInfo).port}/image.ozx` };
}
