import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";
import { tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();

beforeAll(async () => {
  const options = {
    version: "0.4",
    codec: "none",
    size: { c: 2, z: 1, y: 80, x: 80 },
    levels: 2,
    chunk: 32,
  } as const;
  await writeSampleFolder(temp.path("image.zarr"), options);
});

test("convert --verify says that all pixels are the same, sharded and upgraded", async () => {
  const run = await runOzx(["convert", "image.zarr", "image.ozx", "--shard", "auto", "--verify"], {
    cwd: temp.path(),
  });
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
  expect(run.stderr).toContain("all pixels and metadata are the same as in image.zarr");
});

test("the same images are exit code 0", async () => {
  const run = await runOzx(["verify", "image.zarr", "image.ozx"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
  expect(run.stderr).toContain("are the same");
});

test("a changed pixel is exit code 1, and is named", async () => {
  await runOzx(["convert", "image.ozx", "changed.zarr"], { cwd: temp.path() });
  const chunk = temp.path("changed.zarr/0/c/0/0/0/0");
  const bytes = readFileSync(chunk);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(chunk, bytes);
  const run = await runOzx(["verify", "image.zarr", "changed.zarr"], { cwd: temp.path() });
  expect(run).toMatchObject({ code: 1 });
  expect(run.stdout).toMatch(
    /^\/0 differs first at \(0, 0, 0, 0\): \d+ in image\.zarr, \d+ in changed\.zarr\.\n$/,
  );
  const quiet = await runOzx(["verify", "-q", "image.zarr", "changed.zarr"], { cwd: temp.path() });
  expect(quiet).toMatchObject({ code: 1, stdout: "", stderr: "" });
});

test("what cannot be read is an error and not a difference", async () => {
  expect(await runOzx(["verify", "image.zarr", "missing.ozx"], { cwd: temp.path() })).toMatchObject({
    code: 3,
    stdout: "",
  });
});

test("--bytes compares what is stored, and names the first byte that differs", async () => {
  const run = (other: string) => runOzx(["verify", "--bytes", "image.ozx", other], { cwd: temp.path() });
  await runOzx(["convert", "image.ozx", "same.zarr"], { cwd: temp.path() });
  expect(await run("same.zarr")).toMatchObject({ code: 0, stdout: "" });
  const chunks = readdirSync(temp.path("same.zarr/1/c"), { recursive: true, withFileTypes: true });
  const [file] = chunks.filter((entry) => entry.isFile());
  const path = join(file?.parentPath ?? "", file?.name ?? "");
  const bytes = readFileSync(path);
  bytes[17] = (bytes[17] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  writeFileSync(temp.path("same.zarr/extra"), "x");
  const changed = await run("same.zarr");
  expect(changed).toMatchObject({ code: 1 });
  expect(changed.stdout).toContain(`${relative(temp.path("same.zarr"), path)} differs first at byte 17 `);
  expect(changed.stdout).toContain("extra is in same.zarr and missing in image.ozx.");
});

test("one thread and several say the same", async () => {
  for (const name of ["image.zarr", "changed.zarr"]) {
    const run = await runOzx(["convert", name, `zstd-${name}.ozx`, "--codec", "zstd", "-q"], {
      cwd: temp.path(),
    });
    expect(run, run.stderr).toMatchObject({ code: 0 });
  }
  const verify = (other: string, jobs: string) =>
    runOzx(["verify", "image.ozx", other, "--jobs", jobs], { cwd: temp.path() });
  const [one, three] = [
    await verify("zstd-changed.zarr.ozx", "1"),
    await verify("zstd-changed.zarr.ozx", "3"),
  ];
  expect(one).toMatchObject({ code: 1 });
  expect(one.stdout).toMatch(/^\/0 differs first at \(0, 0, 0, 0\): /);
  expect(three).toEqual(one);
  expect(await verify("zstd-image.zarr.ozx", "3")).toMatchObject({ code: 0, stdout: "" });
  expect(await verify("image.zarr", "0")).toMatchObject({ code: 2, stdout: "" });
});

test.for(["1", "3"])("a chunk that cannot be decoded is an error, with %s threads", async (jobs) => {
  const [good, bad] = [temp.path(`good-${jobs}.zarr`), temp.path(`bad-${jobs}.zarr`)];
  const size = { c: 1, z: 1, y: 80, x: 80 };
  for (const folder of [good, bad])
    await writeSampleFolder(folder, { size, levels: 1, chunk: 32, codec: "gzip" });
  writeFileSync(join(bad, "0/c/0/0/1/1"), "no gzip");
  const run = await runOzx(["verify", good, bad, "--jobs", jobs]);
  expect(run).toMatchObject({ code: 4, stdout: "" });
  expect(run.stderr).toContain(`chunk (0, 0, 1, 1) of /0 in ${bad} cannot be read: it `);
  expect(run.stderr).not.toMatch(/^\s+at /m);
});

test("--bytes tells damage from a difference, as without it", async () => {
  const bytes = readFileSync(temp.path("image.ozx"));
  const chunk = readFileSync(temp.path("same.zarr/0/c/0/0/0/0"));
  const at = bytes.indexOf(chunk.subarray(0, 64)) + 5;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(temp.path("damaged.ozx"), bytes);
  for (const pair of [
    ["image.ozx", "damaged.ozx"],
    ["damaged.ozx", "image.ozx"],
  ]) {
    const run = await runOzx(["verify", "--bytes", ...pair], { cwd: temp.path() });
    expect(run).toMatchObject({ code: 4, stdout: "" });
    expect(run.stderr).toMatch(/0\/c\/0\/0\/0\/0.*damaged\.ozx/);
  }
});

test("damage and differences are told at once, however many chunks wait behind them", async () => {
  const size = { c: 1, z: 1, y: 512, x: 512 };
  await writeSampleFolder(temp.path("small.zarr"), { size, levels: 1, chunk: 32, codec: "gzip" });
  await writeSampleFolder(temp.path("large.zarr"), { size, levels: 1, chunk: 512, codec: "zstd" });
  const verify = () => runOzx(["verify", "small.zarr", "large.zarr", "-j", "2"], { cwd: temp.path() });
  const chunks = temp.path("small.zarr/0/c/0/0");
  writeFileSync(join(chunks, "0/0"), readFileSync(join(chunks, "9/9")));
  const different = await verify();
  expect(different, different.stderr).toMatchObject({ code: 1 });
  expect(different.stdout).toContain("/0 differs first at (0, 0, 0, ");
  writeFileSync(join(chunks, "0/0"), "no gzip");
  const damaged = await verify();
  expect(damaged).toMatchObject({ code: 4, stdout: "" });
  expect(damaged.stderr).toContain("chunk (0, 0, 0, 0) of /0 in small.zarr cannot be read");
  for (const { stderr } of [different, damaged]) expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

describe("convert --verify finds that its output is not the same", () => {
  /** A server of `image.zarr` that gives one chunk otherwise from the second time on. */
  async function fickleServer(): Promise<{ url: string; forget(): void; close(): void }> {
    let asked = 0;
    const server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
      let bytes: Buffer;
      try {
        bytes = readFileSync(temp.path(path.slice(1)));
      } catch {
        response.writeHead(404).end();
        return;
      }
      if (path.endsWith("/0/0/0/0/0") && request.method === "GET" && asked++ > 0) {
        bytes[0] = (bytes[0] ?? 0) ^ 1;
      }
      response.writeHead(200, { "content-length": bytes.length });
      response.end(request.method === "HEAD" ? undefined : bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/image.zarr`,
      forget: () => (asked = 0),
      close: () => server.close(),
    };
  }

  testSample(["kept.ozx", "kept.zarr"], 1)("%s: exit code 1, and what was there stays", async (output) => {
    await runOzx(["convert", "image.zarr", "old.zarr", "--levels", "1:", "--force"], { cwd: temp.path() });
    await runOzx(["convert", "old.zarr", output], { cwd: temp.path() });
    const server = await fickleServer();
    try {
      const before = readdirSync(temp.path()).sort();
      for (const more of [[], ["--resume"]]) {
        server.forget();
        const run = await runOzx(["convert", server.url, output, "--verify", "--force", ...more], {
          cwd: temp.path(),
        });
        expect(run, run.stderr).toMatchObject({ code: 1, stdout: "" });
        expect(run.stderr).toContain(`${output} was not written, because it would differ from ${server.url}`);
        expect(run.stderr).toMatch(/\/0 differs first at \(0, 0, 0, 0\): \d+ in \S+, \d+ in kept\.\w+\./);
        expect(readdirSync(temp.path()).sort()).toEqual(before);
      }
      const same = await runOzx(["verify", "old.zarr", output], { cwd: temp.path() });
      expect(same, same.stderr).toMatchObject({ code: 0 });
    } finally {
      server.close();
    }
  });
});
