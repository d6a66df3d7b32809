import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { openHttpSource, openStore, readHierarchy } from "@ozx/core";
import { writeSampleFolder } from "@ozx/testing";
import { formats } from "ozx";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startViewServer, type ViewServer } from "../src/view/server.js";
import { runOzx } from "./support/run-ozx.js";
import { useTempFolder } from "./support/temp-folder.js";

const temp = useTempFolder();
const PAGE = "<!doctype html><title>page</title>";
let archive: Buffer;

beforeAll(async () => {
  await writeSampleFolder(temp.path("cells.zarr"), { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1 });
  await runOzx(["convert", "cells.zarr", "cells.ozx"], { cwd: temp.path() });
  archive = readFileSync(temp.path("cells.ozx"));
  mkdirSync(temp.path("page/assets"), { recursive: true });
  writeFileSync(temp.path("page/index.html"), PAGE);
  writeFileSync(temp.path("page/assets/main.js"), "export {};");
  writeFileSync(temp.path("page/service-worker.js"), "");
  writeFileSync(temp.path("secret.txt"), "secret");
  symlinkSync(temp.path("secret.txt"), temp.path("cells.zarr/out"));
  symlinkSync(temp.path(), temp.path("cells.zarr/above"));
  symlinkSync(temp.path("cells.zarr/zarr.json"), temp.path("cells.zarr/inside"));
});

async function serve(name?: string): Promise<ViewServer> {
  const path = name === undefined ? undefined : temp.path(name);
  const server = await startViewServer({ page: temp.path("page"), path });
  onTestFinished(() => server.close());
  return server;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request as it is given: nothing in its path is resolved, and any header may be sent. */
function ask(
  url: string,
  { path, method = "GET", headers = {} }: { path?: string; method?: string; headers?: object } = {},
): Promise<Answer> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path: path ?? pathname, method, headers: { ...headers } };
    const asked = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}

function get(url: string | undefined, headers: object = {}): Promise<Answer> {
  return ask(url ?? "", { headers });
}

describe("the server of ozx view", () => {
  test("has the page and its files below the token", async () => {
    const { url } = await serve("cells.ozx");
    const page = await get(url);
    expect([page.status, page.headers["content-type"], String(page.body)]).toEqual([
      ...[200, "text/html; charset=utf-8"],
      PAGE,
    ]);
    expect(page.headers).toMatchObject({
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
    const script = await get(`${url}assets/main.js`);
    expect([script.status, script.headers["content-type"]]).toEqual([200, "text/javascript; charset=utf-8"]);
    for (const missing of ["assets", "assets/", "nothing.js", "service-worker.js"]) {
      expect((await get(url + missing)).status).toBe(404);
    }
  });

  test("knows nothing without the token", async () => {
    const { url, sourceUrl = "" } = await serve("cells.ozx");
    const { origin, pathname } = new URL(url);
    const token = pathname.replaceAll("/", "");
    expect(token).toMatch(/^[\w-]{24}$/);
    const wrong = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    for (const path of ["/", "/index.html", "/data/cells.ozx", `/${wrong}/`, `/${token}x/`, `//${token}/`]) {
      expect((await ask(origin, { path })).status).toBe(404);
    }
    expect((await get(sourceUrl.replace(token, wrong), { Range: "bytes=0-3" })).status).toBe(404);
    const other = await serve("cells.ozx");
    expect(other.url).not.toContain(token);
  });

  test("sends ranges of the file, and never the whole", async () => {
    const { sourceUrl } = await serve("cells.ozx");
    const size = archive.length;
    for (const [range, start, end] of [
      ["bytes=0-3", 0, 4],
      ["bytes=100-", 100, size],
      ["bytes=-22", size - 22, size],
      [`bytes=${size - 5}-${size + 5}`, size - 5, size],
    ] as const) {
      const answer = await get(sourceUrl, { Range: range });
      expect([answer.status, answer.headers["content-range"]]).toEqual([
        206,
        `bytes ${start}-${end - 1}/${size}`,
      ]);
      expect(Buffer.compare(answer.body, archive.subarray(start, end))).toBe(0);
    }
    const head = await ask(sourceUrl ?? "", { method: "HEAD" });
    expect([head.status, head.body.length, head.headers["content-length"]]).toEqual([200, 0, String(size)]);
    expect(head.headers).toMatchObject({ "accept-ranges": "bytes", "cache-control": "no-store" });
    for (const range of [`bytes=${size}-`, "bytes=-0"]) {
      const beyond = await get(sourceUrl, { Range: range });
      expect([beyond.status, beyond.headers["content-range"]]).toEqual([416, `bytes */${size}`]);
    }
    for (const headers of [{}, { Range: "bytes=0-1,4-5" }, { Range: "bytes=5-4" }]) {
      expect((await get(sourceUrl, headers)).status).toBe(403);
    }
  });

  test("gives the file to nobody who asks by another name, by another method, or from another page", async () => {
    const { url, sourceUrl } = await serve("cells.ozx");
    const range = { Range: "bytes=0-3" };
    const { port } = new URL(url);
    for (const host of [
      `evil.example:${port}`,
      "evil.example",
      "127.0.0.1",
      `127.0.0.1:${Number(port) + 1}`,
    ]) {
      expect((await get(sourceUrl, { ...range, Host: host })).status).toBe(403);
    }
    expect((await get(sourceUrl, { ...range, Host: `localhost:${port}` })).status).toBe(206);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      expect((await ask(sourceUrl ?? "", { method })).status).toBe(405);
    }
    const crossing = await get(sourceUrl, { ...range, Origin: "https://evil.example" });
    expect(crossing.headers).not.toHaveProperty("access-control-allow-origin");
    expect(crossing.headers["cross-origin-resource-policy"]).toBe("same-origin");
  });

  test("sends the files of a folder, and nothing outside of it", async () => {
    const { sourceUrl = "" } = await serve("cells.zarr");
    const { pathname } = new URL(sourceUrl);
    const answer = await get(`${sourceUrl}/zarr.json`);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(Buffer.compare(answer.body, readFileSync(temp.path("cells.zarr/zarr.json")))).toBe(0);
    expect((await get(`${sourceUrl}/inside`)).status).toBe(200);
    for (const path of [
      ...["", "/", "/labels", "/labels/", "/nothing", "//zarr.json", "/./zarr.json"],
      ...[
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/labels/../../secret.txt",
        "/..\\secret.txt",
      ],
      ...["/out", "/above/secret.txt", "/%00", "/%", "x/zarr.json"],
      ...[`/${temp.path("secret.txt")}`, `/${encodeURIComponent(temp.path("secret.txt"))}`],
    ]) {
      const refused = await ask(sourceUrl, { path: pathname + path });
      expect([path, refused.status, String(refused.body)]).toEqual([path, 404, ""]);
    }
  });

  test("keeps the page's folder to itself", async () => {
    const { url } = await serve();
    const { pathname } = new URL(url);
    for (const path of ["../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "data/", "data/cells.ozx"]) {
      expect((await ask(url, { path: pathname + path })).status).toBe(404);
    }
  });

  test("is a server that an archive can be read from", async () => {
    const { sourceUrl = "" } = await serve("cells.ozx");
    const store = await openStore(await openHttpSource(sourceUrl), { formats });
    expect([...(await readHierarchy(store)).nodes.keys()]).toContain("/0");
    await store.close();
  });
});

/** Starts the command, waits until it has printed its address, and runs `work`; then ends it as Ctrl-C does. */
async function view(
  args: readonly string[],
  work: (url: URL) => Promise<void>,
): Promise<{ code: number | null; stderr: string }> {
  const bin = fileURLToPath(new URL("../bin/ozx.js", import.meta.url));
  const child = spawn(process.execPath, [bin, "view", "--no-open", ...args], { cwd: temp.path() });
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const address = new Promise<string>((resolve) => {
    child.stdout.once("data", (data) => resolve(String(data).trim()));
    child.once("close", () => resolve(""));
  });
  try {
    const url = await address;
    if (url !== "") await work(new URL(url));
  } finally {
    child.kill("SIGINT");
  }
  return { code: await ended, stderr };
}

describe("ozx view", () => {
  test("serves the page with the file behind it until Ctrl-C", async () => {
    const { code } = await view(["cells.ozx"], async (url) => {
      expect(url.hostname).toBe("127.0.0.1");
      expect(String((await get(url.href)).body)).toMatch(/<!doctype html>/i);
      const source = url.searchParams.get("source") ?? "";
      expect((await get(source, { Range: "bytes=0-3" })).body).toEqual(archive.subarray(0, 4));
    });
    expect(code).toBe(0);
  });

  test("opens the page on an address, even where it cannot be read from here", async () => {
    const address = "https://example.invalid/image.ozx?a=1&b=2";
    const { code } = await view([address], async (url) => {
      expect(url.searchParams.get("source")).toBe(address);
    });
    expect(code).toBe(0);
  });

  test.each([
    [["missing.ozx"], 3, "missing.ozx does not exist"],
    [["secret.txt"], 4, "secret.txt is not a zip archive"],
    [["cells.ozx", "--port", "70000"], 2, "--port is a number from 0 to 65535, not 70000"],
  ])("%s ends at once", async (args, code, message) => {
    const run = await view(args, async () => expect.unreachable());
    expect(run).toMatchObject({ code, stderr: expect.stringContaining(message) });
  });

  test("an address of nothing ends at once", async () => {
    const none = createServer((_, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => none.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void none.close());
    const address = `http://127.0.0.1:${(none.address() as AddressInfo).port}/image.ozx`;
    const run = await view([address], async () => expect.unreachable());
    expect(run).toMatchObject({ code: 3, stderr: expect.stringContaining("does not exist") });
  });

  test("says that a port is in use", async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const { port } = busy.address() as AddressInfo;
    const run = await view(["cells.ozx", "--port", String(port)], async () => expect.unreachable());
    busy.close();
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining(`port ${port} is in use`) });
  });
});
