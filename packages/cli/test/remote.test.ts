import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { planTransfer, runTransfer } from "@ozx/convert";
import { memorySink, memoryStore } from "@ozx/core/container";
import { ozxFormat } from "@ozx/store-zip";
import {
  imageMetadata,
  isSigned,
  type RangeServer,
  skipFor,
  smallImage,
  startRangeServer,
  tempFolder,
  testSample,
  writeSampleFolder,
} from "@ozx/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { runOzx, withoutShell } from "./support/run-ozx.js";

const temp = tempFolder();
let server: RangeServer | undefined;

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), {
    size: { c: 2, z: 2, y: 300, x: 300 },
    levels: 2,
    chunk: 64,
  });
  await runOzx(["convert", "image.zarr", "image.ozx"], { cwd: temp.path() });
});

afterEach(() => server?.close());

test("info of an archive on a server reads its metadata and nothing else", async () => {
  const bytes = readFileSync(temp.path("image.ozx"));
  server = await startRangeServer(bytes);
  const [remote, local] = [
    await runOzx(["info", server.url]),
    await runOzx(["info", "image.ozx"], { cwd: temp.path() }),
  ];
  expect(remote, remote.stderr).toMatchObject({ code: 0 });
  expect(remote.stdout.split("\n").slice(1)).toEqual(local.stdout.split("\n").slice(1));
  expect(server.requests.length).toBeLessThanOrEqual(6);
  expect(server.requests.reduce((sum, request) => sum + request.bytes, 0)).toBeLessThan(bytes.length);
});

test("info of an archive of many chunks on a server takes 4 requests, and -v has the stored sizes", async () => {
  const level = { shape: [1, 160, 160], chunks: [1, 1, 1], valueAt: (index: number) => index };
  const values = smallImage({ "/": imageMetadata("cyx") }, { "/0": level });
  const plan = await planTransfer(memoryStore(values, "image.zarr"), ozxFormat);
  const sink = memorySink("image.ozx");
  await runTransfer(plan, ozxFormat.target(sink));
  const bytes = sink.bytes();
  server = await startRangeServer(bytes);
  const run = await runOzx(["info", server.url]);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(run.stdout).toContain("in a zip archive, sizes with -v");
  expect(server.requests.length).toBeLessThanOrEqual(4);
  expect(server.requests.reduce((sum, request) => sum + request.bytes, 0)).toBeLessThan(600_000);
  const { stdout } = await runOzx(["info", "-v", server.url]);
  expect(stdout).toContain(`25,602 entries`);
});

test("an archive on a server is unpacked and compared without a download of its own", async () => {
  server = await startRangeServer(readFileSync(temp.path("image.ozx")));
  const run = await runOzx(["convert", server.url, "copy.zarr", "--verify"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(readFolder(temp.path("copy.zarr"))).toEqual(readFolder(temp.path("image.zarr")));
});

test.each([
  ["no-ranges", 5, "does not send parts of files"],
  ["not-found", 3, "does not exist"],
  ["forbidden", 3, "may not be read"],
  ["disguised-web-page", 4, ""],
  ["silently-replaced", 4, ""],
] as const)("%s: exit code %i and one sentence", async (fault, code, sentence) => {
  server = await startRangeServer(readFileSync(temp.path("image.ozx")), { fault });
  const run = await runOzx(["convert", server.url, "never.zarr"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code, stdout: "" });
  expect(run.stderr).toContain(sentence);
  expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("what an address asks with is not shown", async () => {
  server = await startRangeServer(readFileSync(temp.path("image.ozx")));
  const address = `${server.url}?token=s3cret`;
  for (const args of [
    ["info", "-v", address],
    ["validate", address],
    ["fix", address],
    ["verify", address, "image.ozx"],
    ["convert", address, "unasked.zarr", "--force", "--verify"],
    ["cat", address, "none"],
  ]) {
    const { stdout, stderr } = await runOzx(args, { cwd: temp.path() });
    expect(stdout + stderr).toContain("?…");
    expect(stdout + stderr).not.toContain("s3cret");
  }
});

test("a file:// address is the path of a file", async () => {
  const { href } = pathToFileURL(temp.path("image.ozx"));
  const run = await runOzx(["verify", href, "image.zarr"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0 });
});

test("a server that is not there is exit code 7", async () => {
  const gone = await startRangeServer(new Uint8Array(1));
  await gone.close();
  expect(await runOzx(["info", gone.url])).toMatchObject({ code: 7, stdout: "" });
});

describe("--header", () => {
  const secret = ["--header", "Authorization: Bearer s3cret", "--header", "X-Key:k"];

  const commands = [
    ["info"],
    ["ls"],
    ["cat", "zarr.json"],
    ["validate"],
    ["convert", "header.zarr", "--force"],
    ["verify", "image.ozx"],
  ];
  testSample(commands, 3)("%s sends it with every request", async ([command = "", ...rest]) => {
    server = await startRangeServer(readFileSync(temp.path("image.ozx")));
    const run = await runOzx([command, server.url, ...rest, ...secret], { cwd: temp.path() });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    for (const { headers } of server.requests) {
      expect([headers.authorization, headers["x-key"]]).toEqual(["Bearer s3cret", "k"]);
    }
  });

  test("what is wrong with it is told without showing it", async () => {
    for (const wrong of ["s3cret", "Cookie: s3\ncret"]) {
      const run = await runOzx(["info", "https://example.org/image.ozx", "--header", wrong]);
      expect(run).toMatchObject({ code: 2, stdout: "" });
      expect(run.stderr).not.toContain("cret");
    }
  });

  test("it is not sent to two servers", async () => {
    const run = await runOzx(["info", "https://a.example/x.ozx", "https://b.example/x.ozx", ...secret]);
    expect(run).toMatchObject({ code: 2 });
    expect(run.stderr).toContain("https://a.example and https://b.example");
  });
});

describe("--download", () => {
  const commands = [
    ["info"],
    ["ls"],
    ["cat", "zarr.json"],
    ["validate", "--deep"],
    ["convert", "downloaded.zarr", "--force"],
    ["verify", "image.ozx"],
  ];
  testSample(commands, 2)("%s reads what a server without ranges has", async ([command = "", ...rest]) => {
    server = await startRangeServer(readFileSync(temp.path("image.ozx")), { fault: "no-ranges" });
    const without = await runOzx([command, server.url, ...rest], { cwd: temp.path() });
    expect(without.stderr).toContain("--download");
    const before = server.requests.length;
    const run = await runOzx([command, server.url, ...rest, "--download"], { cwd: temp.path() });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(server.requests.slice(before).map(({ method }) => method)).toEqual(["GET"]);
  });

  test("without room for it that is said", skipFor(withoutShell()), async () => {
    server = await startRangeServer(readFileSync(temp.path("image.ozx")), { fault: "no-ranges" });
    mkdirSync(temp.path("tmp"));
    const run = await runOzx(["info", server.url, "--download"], {
      env: { TMPDIR: temp.path("tmp") },
      shell: 'ulimit -f 10; exec "$@"',
    });
    expect(run, run.stderr).toMatchObject({ code: 74, stdout: "" });
    expect(run.stderr).toContain("TMPDIR");
    expect(readdirSync(temp.path("tmp"))).toEqual([]);
  });

  test("the same image comes of it", async () => {
    server = await startRangeServer(readFileSync(temp.path("image.ozx")), { fault: "no-ranges" });
    const run = await runOzx(["convert", server.url, "whole.zarr", "--download", "--verify"], {
      cwd: temp.path(),
    });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(readFolder(temp.path("whole.zarr"))).toEqual(readFolder(temp.path("image.zarr")));
  });
});

describe("a folder on a server", () => {
  beforeEach(async () => {
    server = await startRangeServer((path) => readIfFile(temp.path(decodeURIComponent(path))));
  });

  test("info, cat and validate", async () => {
    const { url } = server as RangeServer;
    const info = await runOzx(["info", url]);
    expect(info, info.stderr).toMatchObject({ code: 0 });
    expect(info.stdout).toContain("a folder on a server");
    expect(info.stdout).toContain("300");
    const cat = await runOzx(["cat", url, "zarr.json"]);
    expect(cat.stdout).toBe(readFileSync(temp.path("image.zarr/zarr.json"), "utf8"));
    expect(await runOzx(["cat", url, "nothing"])).toMatchObject({ code: 3 });
    expect(await runOzx(["validate", url])).toMatchObject({ code: 0 });
  });

  test("ls says that servers do not list", async () => {
    const run = await runOzx(["ls", server?.url ?? ""]);
    expect(run).toMatchObject({ code: 5, stdout: "" });
    expect(run.stderr).toMatch(/servers do not list.*ozx info -v/);
  });

  test("convert packs what its metadata names", async () => {
    const run = await runOzx(["convert", server?.url ?? "", "served.ozx", "--verify"], { cwd: temp.path() });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(run.stderr).toContain("what its metadata names is copied");
  });

  test.each([[], ["--bytes"]])("verify asks for what nothing names: %j", async (...options) => {
    const run = await runOzx(["verify", ...options, "image.zarr", server?.url ?? ""], { cwd: temp.path() });
    expect(run, run.stdout).toMatchObject({ code: 0, stdout: "" });
    expect(run.stderr).toContain("only what its metadata or image.zarr names was compared");
  });
});

function readIfFile(path: string): Buffer | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
}

test("nothing is written to a server that is no bucket", async () => {
  const run = await runOzx(["convert", "image.zarr", "https://example.org/image.ozx"], { cwd: temp.path() });
  expect(run).toMatchObject({ code: 2 });
});

describe("an archive in a bucket", () => {
  const keys = { accessKeyId: "AKID", secretAccessKey: "s3cret", region: "eu-central-1" };
  const env = (secret: string) => ({
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_REGION: keys.region,
    AWS_SESSION_TOKEN: "",
    AWS_ENDPOINT_URL_S3: "",
    AWS_ENDPOINT_URL: new URL(server?.url ?? "").origin,
  });

  beforeEach(async () => {
    const bytes = readFileSync(temp.path("image.ozx"));
    server = await startRangeServer((path) => (path === "/cells/image.ozx" ? bytes : undefined), {
      forbidden: (_, request) => !isSigned(request, keys),
    });
  });

  test("is unpacked with the credentials of the environment", async () => {
    const run = await runOzx(["convert", "s3://cells/image.ozx", "bucket.zarr"], {
      cwd: temp.path(),
      env: env(keys.secretAccessKey),
    });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(readFolder(temp.path("bucket.zarr"))).toEqual(readFolder(temp.path("image.zarr")));
  });

  test("is not read with other ones, which are not shown", async () => {
    const run = await runOzx(["info", "s3://cells/image.ozx"], { env: env("wr0ng") });
    expect(run).toMatchObject({ code: 3, stdout: "" });
    expect(run.stderr).toContain("s3://cells/image.ozx may not be read");
    expect(run.stderr).not.toMatch(/wr0ng|s3cret/);
  });
});
