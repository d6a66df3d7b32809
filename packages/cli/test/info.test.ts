import { writeFileSync } from "node:fs";
import { writeSampleFolder } from "@ozx/testing";
import { zipSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";
import { useTempFolder } from "./support/temp-folder.js";

const temp = useTempFolder();

async function info(...args: string[]): Promise<string> {
  const run = await runOzx(["info", ...args], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0, stderr: "" });
  return run.stdout;
}

beforeAll(async () => {
  await writeSampleFolder(temp.path("cells.zarr"));
  await writeSampleFolder(temp.path("sharded.zarr"), { shards: true, size: { c: 2, z: 1 }, levels: 2 });
  await runOzx(["convert", "cells.zarr", "cells.ozx"], { cwd: temp.path() });
});

test("an image in a folder", async () => {
  expect(await info("cells.zarr")).toMatchSnapshot();
});

test("a sharded image", async () => {
  expect(await info("sharded.zarr")).toMatchSnapshot();
});

test("-v adds how an archive follows RFC-9", async () => {
  const [brief, verbose] = [await info("cells.ozx"), await info("-v", "cells.ozx")];
  expect(verbose.startsWith(brief.trimEnd())).toBe(true);
  expect(verbose.slice(brief.trimEnd().length)).toMatchSnapshot();
});

test("-v tells the truth about another tool's zip", async () => {
  const files = [...readFolder(temp.path("cells.zarr"))].map(
    ([path, bytes]) => [`image/${path}`, bytes] as const,
  );
  writeFileSync(temp.path("foreign.zip"), zipSync(Object.fromEntries(files.reverse()), { level: 6 }));
  const verbose = await info("-v", "foreign.zip");
  expect(verbose).toContain("not at its root");
  expect(verbose).toMatch(/Comment +none/);
  expect(verbose).toMatch(/jsonFirst +not claimed/);
  expect(verbose).toMatch(/Methods +\d+ deflated/);
  expect(verbose).toMatch(/ZIP64 .*end record no/);
});

test("NO_COLOR and pipes get no escape codes, FORCE_COLOR does", async () => {
  expect(await info("cells.zarr")).not.toContain("\u001b[");
  const run = await runOzx(["info", temp.path("cells.zarr")], { env: { FORCE_COLOR: "1", NO_COLOR: "" } });
  expect(run.stdout).toContain("\u001b[");
});
