import { readFileSync } from "node:fs";
import {
  type BucketServer,
  notOn,
  outsideSample,
  skipFor,
  startBucketServer,
  startFaultProxy,
  tempFolder,
  testSample,
  writeSampleFolder,
} from "@ozx/testing";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type RunOptions, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
let server: BucketServer;
let url: string;

beforeAll(async () => {
  await writeSampleFolder(temp.path("small.zarr"), { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 2 });
  // Two parts.
  await writeSampleFolder(temp.path("large.zarr"), {
    size: { c: 1, z: 1, y: 2100, x: 2100 },
    levels: 1,
    codec: "none",
  });
});
beforeEach(async () => {
  server = await startBucketServer();
  url = server.url;
});
afterEach(() => server.close());

const ozx = (args: readonly string[], options: RunOptions = {}) =>
  runOzx(args, {
    cwd: temp.path(),
    ...options,
    env: {
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL: url,
      ...options.env,
    },
  });

testSample(
  [
    ["small.zarr"],
    ["large.zarr"],
    ["large.zarr", "--shard", "auto", "--codec", "none"],
    ["small.zarr", "--codec", "zstd:3"],
  ],
  2,
)("an .ozx in a bucket has the bytes of one in a file: %j", async (args) => {
  await ozx(["convert", ...args, "file.ozx", "--force"]);
  const run = await ozx(["convert", ...args, "s3://b/some folder/image.ozx"]);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(run.stderr).toContain("s3://b/some folder/image.ozx: OME-Zarr");
  const stored = server.objects.get("b/some folder/image.ozx") ?? new Uint8Array();
  expect(Buffer.compare(stored, readFileSync(temp.path("file.ozx")))).toBe(0);
  expect(server.uploads.size).toBe(0);
  expect(await ozx(["verify", "s3://b/some folder/image.ozx", "file.ozx"])).toMatchObject({ code: 0 });
});

test("an object that exists is refused without --force", async () => {
  server.objects.set("b/image.ozx", new Uint8Array([1]));
  const run = await ozx(["convert", "small.zarr", "s3://b/image.ozx"]);
  expect(run).toMatchObject({ code: 6 });
  expect(run.stderr).toBe("ozx: s3://b/image.ozx exists already (--force replaces it)\n");
  expect(await ozx(["convert", "small.zarr", "s3://b/image.ozx", "-f"])).toMatchObject({ code: 0 });
  expect(server.objects.get("b/image.ozx")?.length).toBeGreaterThan(1);
});

test("a folder goes into a bucket with the document of its root at the end", async () => {
  const run = await ozx(["convert", "small.zarr", "s3://b/image.zarr", "--codec", "zstd"]);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const puts = server.requests.filter((request) => request.startsWith("PUT"));
  expect(puts.at(-1)).toBe("PUT /b/image.zarr/zarr.json");
  expect(await ozx(["verify", "small.zarr", "s3://b/image.zarr"])).toMatchObject({ code: 0 });
  expect(await ozx(["convert", "small.zarr", "s3://b/image.zarr"])).toMatchObject({ code: 6 });
  server.objects.set("b/image.zarr/stale", new Uint8Array(3));
  expect(await ozx(["convert", "small.zarr", "s3://b/image.zarr", "--force"])).toMatchObject({ code: 0 });
  expect([...server.objects.keys()]).not.toContain("b/image.zarr/stale");
});

test("a folder in a bucket that is no image is never replaced", async () => {
  server.objects.set("b/thesis/chapter1.tex", new Uint8Array([1]));
  const run = await ozx(["convert", "small.zarr", "s3://b/thesis", "--force"]);
  expect(run).toMatchObject({ code: 6 });
  expect(run.stderr).toContain("a folder with other things in it");
  expect([...server.objects.keys()]).toEqual(["b/thesis/chapter1.tex"]);
});

test("what a failure has written of a folder is removed", async () => {
  await using proxy = await startFaultProxy(url, (_, method, path) =>
    method === "PUT" && path.endsWith("/0/zarr.json") ? 403 : undefined,
  );
  url = proxy.url;
  const run = await ozx(["convert", "small.zarr", "s3://b/image.zarr"]);
  expect(run).toMatchObject({ code: 74 });
  expect(server.objects.size).toBe(0);
});

test("many images go into a bucket", async () => {
  const run = await ozx(["convert", "small.zarr", "large.zarr", "--out-dir", "s3://b/packed"]);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect([...server.objects.keys()].sort()).toEqual(["b/packed/large.ozx", "b/packed/small.ozx"]);
  const again = await ozx(["convert", "small.zarr", "large.zarr", "--out-dir", "s3://b/packed"]);
  expect(again).toMatchObject({ code: 0 });
  expect(again.stderr).toContain("2 existed already");
});

test(
  "a signal ends an upload, and leaves none behind",
  skipFor(notOn("win32") ?? outsideSample()),
  async () => {
    let kill: ((signal: NodeJS.Signals) => void) | undefined;
    await using proxy = await startFaultProxy(url, (_, __, path) => {
      if (!path.includes("partNumber")) return undefined;
      // A second signal would end the process at once.
      kill?.("SIGTERM");
      kill = undefined;
      return 503;
    });
    url = proxy.url;
    const run = await ozx(["convert", "large.zarr", "s3://b/image.ozx"], {
      onStart: (killing) => {
        kill = killing;
      },
    });
    expect(run).toMatchObject({ code: 143 });
    expect(server.uploads.size).toBe(0);
    expect(server.objects.size).toBe(0);
  },
);

test("an upload that was left behind is named, and --resume continues it", async () => {
  const faulty = await startFaultProxy(url, (_, __, path) =>
    path.includes("partNumber=2") ? 403 : undefined,
  );
  const plain = url;
  url = faulty.url;
  const failed = await ozx(["convert", "large.zarr", "s3://b/image.ozx", "--resume"]);
  expect(failed).toMatchObject({ code: 74 });
  expect(failed.stderr).toContain("the same command with --resume continues it");
  expect(server.uploads.size).toBe(1);
  await faulty.close();
  url = plain;
  const dry = await ozx(["convert", "large.zarr", "s3://b/image.ozx", "--resume", "--dry-run"]);
  expect(dry.stderr).toContain("--resume continues it");
  server.requests.length = 0;
  const run = await ozx(["convert", "large.zarr", "s3://b/image.ozx", "--resume"]);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(run.stderr).toMatch(/Resuming an upload that has [1-9]\d* parts? /);
  expect(server.requests.some((request) => request.includes("partNumber=1&"))).toBe(false);
  expect(server.uploads.size).toBe(0);
});

test("--verify is refused with the way out", async () => {
  const run = await ozx(["convert", "small.zarr", "s3://b/image.ozx", "--verify"]);
  expect(run).toMatchObject({ code: 2 });
  expect(run.stderr).toContain("ozx verify");
});

test.each([
  ["gs://bucket/image.ozx", "gcloud storage cp - gs://bucket/image.ozx"],
  ["az://account.blob.core.windows.net/c/image.ozx", "--from-to PipeBlob"],
  ["https://example.org/image.ozx", "write to a file"],
])("%s is refused with what works", async (output, advice) => {
  const run = await ozx(["convert", "small.zarr", output]);
  expect(run).toMatchObject({ code: 2 });
  expect(run.stderr).toContain(advice);
});
