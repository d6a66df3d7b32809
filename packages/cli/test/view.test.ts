import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { readHierarchy } from "@ozx/core";
import { openHttpSource } from "@ozx/core/container";
import { openContainer } from "@ozx/core/internal";
import { isSigned, type RangeServer, startRangeServer, tempFolder, writeSampleFolder } from "@ozx/testing";
import { formats } from "ozx";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { pageInFolder } from "../src/view/page-files.js";
import { openRemoteSource } from "../src/view/remote-source.js";
import { startViewServer, type ViewServer } from "../src/view/view-server.js";
import { runOzx } from "./support/run-ozx.js";
import { runView } from "./support/run-view.js";

const temp = tempFolder();
const POLICY = "default-src 'none'; script-src 'self'";
const PAGE = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>page</title>`;
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
  const server = await startViewServer({ page: pageInFolder(temp.path("page")), path });
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
  test.for(["", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "])(
    "closes a connection that sends no request, but %j",
    async (start) => {
      const server = await startViewServer({ page: pageInFolder(temp.path("page")), requestTimeout: 300 });
      onTestFinished(() => server.close());
      const { hostname, port } = new URL(server.url);
      const socket = connect(Number(port), hostname);
      socket.on("data", () => {});
      const drip = setInterval(() => start !== "" && socket.write("x"), 50);
      socket.write(start);
      // The other side may be gone already.
      socket.on("error", () => {});
      await once(socket, "close");
      clearInterval(drip);
      expect((await get(server.url)).status).toBe(200);
    },
  );

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
      "cross-origin-opener-policy": "same-origin",
      "content-security-policy": `${POLICY}; frame-ancestors 'none'`,
    });
    const script = await get(`${url}assets/main.js`);
    // A worker has the policy of its own answer, not that of the page.
    expect(script.headers["content-security-policy"]).toBe(page.headers["content-security-policy"]);
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
    for (const host of [`localhost:${port}`, `LocalHost:${port}`]) {
      expect((await get(sourceUrl, { ...range, Host: host })).status).toBe(206);
    }
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
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/octet-stream"]);
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

  test("sends nothing of an image as something that a browser shows or runs", async () => {
    const names = ["evil.html", "evil.svg", "evil.js", "evil.xml", "evil.css", "zarr.json"];
    mkdirSync(temp.path("hostile.zarr"));
    for (const name of names) writeFileSync(temp.path("hostile.zarr", name), "<script>alert(1)</script>");
    writeFileSync(temp.path("hostile.html"), "<script>alert(1)</script>");
    const folder = (await serve("hostile.zarr")).sourceUrl;
    const file = (await serve("hostile.html")).sourceUrl;
    for (const url of [...names.map((name) => `${folder}/${name}`), file]) {
      const { status, headers } = await get(url, { Range: "bytes=0-" });
      expect([url, status]).toEqual([url, 206]);
      expect(headers).toMatchObject({
        "content-type": "application/octet-stream",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "cross-origin-resource-policy": "same-origin",
      });
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
    const store = await openContainer(await openHttpSource(sourceUrl), { formats });
    expect([...(await readHierarchy(store)).nodes.keys()]).toContain("/0");
    await store.close();
  });
});

describe("the server of ozx view, in front of another server", () => {
  const headers = { "X-Key": "s3cret" };

  async function serveRemote(
    content: Parameters<typeof startRangeServer>[0],
    path: string,
  ): Promise<{ bucket: RangeServer; view: ViewServer; errors: unknown[] }> {
    const bucket = await startRangeServer(content, {
      forbidden: (_, request) => request.headers["x-key"] !== headers["X-Key"],
    });
    const { signal } = new AbortController();
    const remote = await openRemoteSource(new URL(path, bucket.url).href, { http: { headers } }, signal);
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const viewing = await startViewServer({ page: pageInFolder(temp.path("page")), remote, onError });
    onTestFinished(() => Promise.all([viewing.close(), bucket.close()]).then(() => undefined));
    return { bucket, view: viewing, errors };
  }

  test("hands on the parts of a file that the page asks for, and never the whole", async () => {
    const { bucket, view: viewing } = await serveRemote(archive, "image.ozx?a=1");
    const { sourceUrl = "" } = viewing;
    expect(sourceUrl).toBe(`${viewing.url}data/image.ozx`);
    const part = await get(sourceUrl, { Range: "bytes=5-104" });
    expect([part.status, part.headers["content-range"]]).toEqual([206, `bytes 5-104/${archive.length}`]);
    expect(part.body).toEqual(archive.subarray(5, 105));
    const head = await ask(sourceUrl, { method: "HEAD" });
    expect([head.status, head.headers["content-length"]]).toEqual([200, String(archive.length)]);
    expect((await get(sourceUrl, { Range: `bytes=${archive.length}-` })).status).toBe(416);
    expect((await get(sourceUrl)).status).toBe(403);
    expect((await get(`${sourceUrl}/zarr.json`)).status).toBe(404);
    expect((await get(`${viewing.url}data/other.ozx`, { Range: "bytes=0-3" })).status).toBe(404);
    const store = await openContainer(await openHttpSource(sourceUrl), { formats });
    expect([...(await readHierarchy(store)).nodes.keys()]).toContain("/0");
    await store.close();
    expect(bucket.requests.every(({ headers }) => headers["x-key"] === "s3cret")).toBe(true);
  });

  test("hands on what is larger than what it has in memory at once", async () => {
    const filler = new Uint8Array(3_000_000).map((_, i) => i >> 8);
    const large = Buffer.concat([filler, archive]);
    const { view: viewing } = await serveRemote(large, "image.ozx");
    const part = await get(viewing.sourceUrl, { Range: "bytes=10-2900000" });
    expect(Buffer.compare(part.body, large.subarray(10, 2_900_001))).toBe(0);
  });

  test("hands on the files of a folder", async () => {
    const inFolder = (path: string): Buffer | undefined => {
      const file = temp.path(path.slice(1));
      return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file) : undefined;
    };
    const { view: viewing } = await serveRemote(inFolder, "cells.zarr/");
    const { sourceUrl = "" } = viewing;
    const document = readFileSync(temp.path("cells.zarr/zarr.json"));
    const whole = await get(`${sourceUrl}/zarr.json`);
    expect([whole.status, whole.headers["content-type"]]).toEqual([200, "application/octet-stream"]);
    expect(whole.body).toEqual(document);
    const part = await get(`${sourceUrl}/zarr.json`, { Range: "bytes=-20" });
    expect([part.status, part.body]).toEqual([206, document.subarray(-20)]);
    for (const path of ["", "/nothing", "/..%2fsecret.txt", "/labels"]) {
      expect((await get(sourceUrl + path)).status).toBe(404);
    }
  });

  test("says what goes wrong behind it, and answers 502", async () => {
    const {
      bucket,
      view: viewing,
      errors,
    } = await serveRemote(Buffer.concat([new Uint8Array(300_000), archive]), "image.ozx");
    await bucket.close();
    const answer = await get(viewing.sourceUrl, { Range: "bytes=0-9" });
    expect([answer.status, answer.body.length]).toEqual([502, 0]);
    expect(errors).toMatchObject([{ _tag: "Network" }]);
  });
});

function view(
  args: readonly string[],
  work: (url: URL) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; stderr: string }> {
  return runView(["--no-open", ...args], work, { cwd: temp.path(), env });
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
    [["cells.ozx", "--port", "70000"], 2, "--port takes a number from 0 to 65535, not 70000"],
  ])("%s ends at once", async (args, code, message) => {
    const run = await view(args, async () => expect.unreachable());
    expect(run).toMatchObject({ code, stderr: expect.stringContaining(message) });
  });

  test("hands on what is behind headers, which the page does not see", async () => {
    const bucket = await startRangeServer(archive, {
      forbidden: (_, request) => request.headers["x-key"] !== "s3cret",
    });
    onTestFinished(() => bucket.close());
    const { code } = await view(["--header", "X-Key: s3cret", bucket.url], async (url) => {
      const source = url.searchParams.get("source") ?? "";
      expect(source.startsWith(`${url.origin}${url.pathname}data/`)).toBe(true);
      expect((await get(source, { Range: "bytes=0-3" })).body).toEqual(archive.subarray(0, 4));
      expect(url.href).not.toContain("s3cret");
    });
    expect(code).toBe(0);
    const refused = await view(["--header", "X-Key: wrong", bucket.url], async () => expect.unreachable());
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining("may not be read") });
  });

  test("hands on what is in a bucket", async () => {
    const keys = { accessKeyId: "AKID", secretAccessKey: "s3cret", region: "eu-central-1" };
    const bucket = await startRangeServer((path) => (path === "/cells/image.ozx" ? archive : undefined), {
      forbidden: (_, request) => !isSigned(request, keys),
    });
    onTestFinished(() => bucket.close());
    const env = {
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_REGION: keys.region,
      AWS_ENDPOINT_URL: new URL(bucket.url).origin,
    };
    const work = async (url: URL): Promise<void> => {
      const source = url.searchParams.get("source") ?? "";
      expect((await get(source, { Range: "bytes=0-3" })).body).toEqual(archive.subarray(0, 4));
    };
    expect(await view(["s3://cells/image.ozx"], work, env)).toMatchObject({ code: 0 });
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
