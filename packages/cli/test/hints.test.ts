import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tempFolder, writeSampleFolder } from "@ozx/testing";
import { zipSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

/** What is said where something else was meant than what was typed. */

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });

function writeGroup(path: string, attributes: object = {}): void {
  mkdirSync(temp.path(path), { recursive: true });
  const document = { zarr_format: 3, node_type: "group", attributes };
  writeFileSync(temp.path(path, "zarr.json"), JSON.stringify(document));
}

beforeAll(async () => {
  const size = { c: 1, z: 1, y: 200, x: 200 };
  await writeSampleFolder(temp.path("image.zarr"), { size, levels: 1, chunk: 32 });
  await writeSampleFolder(temp.path("old.zarr"), { size, levels: 1, chunk: 32, version: "0.4" });
  await writeSampleFolder(temp.path("nested/image.zarr"), { size, levels: 1 });
  writeGroup("image.zarr/tables");
  writeGroup("image.zarr/tables/cells");
  writeGroup("row");
  writeGroup("row/B");
  writeGroup("row/B/03", { ome: { version: "0.5", well: { images: [{ path: "0" }] } } });
  writeFileSync(temp.path("plain.zip"), zipSync({ "readme.txt": new Uint8Array(3) }));
  await ozx("convert", "image.zarr", "image.ozx");
});

test("--path to what has no image in it does not advise paths of the same kind", async () => {
  const run = await ozx("convert", "image.zarr", "out.ozx", "--path", "tables");
  expect(run).toMatchObject({ code: 4 });
  expect(run.stderr).toContain("tables in image.zarr is a group and contains no image");
});

test("info of a row lists its wells", async () => {
  expect((await ozx("info", "row", "--path", "B")).stdout).toMatch(/Wells +03\n/);
});

test("ls lists a zip that has no image in it", async () => {
  expect(await ozx("ls", "plain.zip")).toMatchObject({ code: 0, stdout: "readme.txt\n", stderr: "" });
  expect(await ozx("info", "plain.zip")).toMatchObject({ code: 4 });
});

test("a link that leads to nothing is said to", async () => {
  await writeSampleFolder(temp.path("link.zarr"), { levels: 1 });
  symlinkSync("nowhere", temp.path("link.zarr/dangling"));
  const run = await ozx("convert", "link.zarr", "link.ozx");
  expect(run).toMatchObject({ code: 3 });
  expect(run.stderr).toContain("link.zarr/dangling is a link to a file that does not exist");
});

test("validate -q of several names those that are not valid", async () => {
  writeFileSync(temp.path("bad.ozx"), zipSync({ "readme.txt": new Uint8Array(3) }, { level: 0 }));
  const run = await ozx("validate", "-q", "image.ozx", "bad.ozx");
  expect(run).toMatchObject({ code: 1, stdout: "" });
  expect(run.stderr).toMatch(/^ozx: bad\.ozx is not valid: \d+ errors?\n$/);
});

test("verify --bytes of two Zarr formats says a little, and what to leave out", async () => {
  const run = await ozx("verify", "--bytes", "old.zarr", "image.ozx");
  expect(run).toMatchObject({ code: 1 });
  expect(run.stdout.trim().split("\n")).toHaveLength(21);
  expect(run.stdout).toMatch(/\n… and \d+ more\n$/);
  expect(run.stderr).toContain("leave out --bytes");
});

test.each([
  ["nested", "nested/image.zarr"],
  ["image.zarr/0", "image.zarr"],
])("of %s convert says that %s is meant", async (input, meant) => {
  const run = await ozx("convert", input, "meant.ozx");
  expect(run).toMatchObject({ code: 4 });
  expect(run.stderr).toMatch(new RegExp(`give ${meant}(?:,|\n)`));
});
