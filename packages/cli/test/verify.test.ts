import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { writeSampleFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";
import { useTempFolder } from "./support/temp-folder.js";

const temp = useTempFolder();

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

test("convert --verify says that every pixel is the same, sharded and upgraded", async () => {
  const run = await runOzx(["convert", "image.zarr", "image.ozx", "--shard", "auto", "--verify"], {
    cwd: temp.path(),
  });
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
  expect(run.stderr).toContain("every pixel and all metadata are those of image.zarr");
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
