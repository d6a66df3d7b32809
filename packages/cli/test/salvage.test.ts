import { execFileSync } from "node:child_process";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { skipFor, tempFolder, withoutTool, writeSampleFolder } from "@ozx/testing";
import { openOmeZarr } from "ozx";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

/** What `ozx salvage` and `convert --allow-damaged` make of archives that are damaged where the test says. */

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });
let whole: Buffer;

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), { size: { c: 2, z: 2, y: 200, x: 200 }, levels: 2 });
  await ozx("convert", "image.zarr", "image.ozx");
  whole = readFileSync(temp.path("image.ozx"));
});

beforeEach(() => rmSync(temp.path("saved.ozx"), { force: true }));

/** Where the data of an entry starts: after its header, whose extra field has 20 bytes. */
const dataOf = (bytes: Buffer, name: string): number => bytes.indexOf(name) + name.length + 20;
const directoryOf = (bytes: Buffer): number => bytes.indexOf("PK\u0001\u0002", 0, "latin1");

function damage(name: string, change: (bytes: Buffer) => Buffer | undefined): void {
  const copy = Buffer.from(whole);
  writeFileSync(temp.path(name), change(copy) ?? copy);
}

const spoil = (bytes: Buffer, ...names: string[]): void => {
  for (const name of names) bytes.fill(0xee, dataOf(bytes, name) + 4, dataOf(bytes, name) + 12);
};

/** The pixels of the largest level; of the plane of a channel and a section where that is given. */
async function planes(path: string): Promise<string[]> {
  const node = await openOmeZarr(temp.path(path));
  const level = node.images[0]?.level(0);
  const found: string[] = [];
  for (const c of [0, 1])
    for (const z of [0, 1]) {
      const data = (await level?.read({ c, z }))?.data as Uint16Array;
      found.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"));
    }
  await node.close();
  return found;
}

async function chunkNames(): Promise<string[]> {
  const { stdout } = await ozx("ls", "image.ozx");
  return stdout.split("\n").filter((name) => /^0\/c\//.test(name));
}

test("an archive without its directory is saved whole", async () => {
  damage("cut.ozx", (bytes) => bytes.subarray(0, directoryOf(bytes) + 10));
  const run = await ozx("salvage", "cut.ozx", "saved.ozx");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(run.stdout).toMatch(/^cut\.ozx: \d+ entries can be read, none is lost\n$/);
  expect(await ozx("verify", "image.ozx", "saved.ozx")).toMatchObject({ code: 0 });
  expect(readFileSync(temp.path("saved.ozx")).equals(whole)).toBe(true);
});

test("damaged chunks are lost, by array and position, and read as fill values", async () => {
  const [first = "", second = ""] = await chunkNames();
  damage("chunks.ozx", (bytes) => void spoil(bytes, first, second));
  const run = await ozx("salvage", "chunks.ozx", "saved.ozx");
  expect(run, run.stderr).toMatchObject({ code: 1 });
  expect(run.stdout).toContain("2 are lost");
  const position = (name: string): number[] => name.split("/").slice(2).map(Number);
  expect(run.stdout).toContain(`0: 2 chunks`);
  expect(run.stdout).toContain(position(first).join(","));
  expect(await ozx("validate", "--deep", "saved.ozx")).toMatchObject({ code: 0 });
  const json = await ozx("salvage", "--json", "--dry-run", "chunks.ozx");
  expect(json).toMatchObject({ code: 1 });
  expect(JSON.parse(json.stdout)).toMatchObject({
    input: "chunks.ozx",
    output: null,
    directory: true,
    lost: 2,
    arrays: [
      { path: "0", unit: "chunk", lost: [first, second].map((key) => ({ key, position: position(key) })) },
    ],
    documents: [],
    others: [],
  });
  const [before, after] = [await planes("image.ozx"), await planes("saved.ozx")];
  expect(after.filter((plane, k) => plane !== before[k]).length).toBeGreaterThan(0);
  expect(after.filter((plane, k) => plane !== before[k]).length).toBeLessThanOrEqual(2);
});

test("the damaged file is never replaced, by whatever name", async () => {
  damage("only.ozx", (bytes) => bytes.subarray(0, directoryOf(bytes) + 10));
  linkSync(temp.path("only.ozx"), temp.path("other.ozx"));
  const before = readFileSync(temp.path("only.ozx"));
  for (const output of ["only.ozx", "other.ozx"]) {
    const run = await ozx("salvage", "only.ozx", output, "--force");
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("give another output") });
  }
  expect(readFileSync(temp.path("only.ozx"))).toEqual(before);
});

test("a lost document is said, with what cannot be opened without it", async () => {
  damage("document.ozx", (bytes) => void spoil(bytes, "1/zarr.json"));
  const run = await ozx("salvage", "document.ozx", "saved.ozx");
  expect(run, run.stderr).toMatchObject({ code: 1 });
  expect(run.stdout).toMatch(
    /1\/zarr\.json, a metadata document: .*; \d+ entries below it are kept, and cannot be opened without it/,
  );
  expect((await ozx("info", "saved.ozx")).stdout).toContain("0.5");
});

test("without the root's metadata there is no .ozx, but a .zip of all else", async () => {
  damage("root.ozx", (bytes) => void spoil(bytes, "zarr.json"));
  const refused = await ozx("salvage", "root.ozx", "saved.ozx");
  expect(refused).toMatchObject({ code: 5 });
  expect(refused.stderr).toContain("a name that ends in .zip");
  const run = await ozx("salvage", "root.ozx", "saved.zip", "--force");
  expect(run, run.stderr).toMatchObject({ code: 1 });
  expect((await ozx("ls", "saved.zip")).stdout || run.stdout).toContain("zarr.json");
});

test("Python reads what is saved, with every CRC", skipFor(withoutTool("python3")), async () => {
  const [first = ""] = await chunkNames();
  damage("chunks.ozx", (bytes) => void spoil(bytes, first));
  await ozx("salvage", "chunks.ozx", "saved.ozx");
  const script =
    "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1]) as z:\n    assert z.testzip() is None\n    print('\\n'.join(z.namelist()))";
  const names = execFileSync("python3", ["-c", script, temp.path("saved.ozx")], { encoding: "utf8" })
    .trim()
    .split("\n");
  expect(names[0]).toBe("zarr.json");
  expect(names).not.toContain(first);
});

test.each([
  [["salvage", "image.ozx"], 2, "salvage needs an output"],
  [["salvage", "image.ozx", "saved.zarr"], 2, "end it in .ozx"],
  [
    ["salvage", "https://example.org/image.ozx", "saved.ozx"],
    2,
    "download https://example.org/image.ozx first",
  ],
  [["salvage", "text.txt", "saved.ozx"], 5, "has no entry that can be read"],
])("%s", async (args, code, words) => {
  writeFileSync(temp.path("text.txt"), "hello ".repeat(100));
  const run = await ozx(...args);
  expect(run).toMatchObject({ code });
  expect(run.stderr).toContain(words);
});

describe("convert --allow-damaged", () => {
  test.each([
    [["--codec", "zstd:3"]],
    [["--shard", "auto"]],
    [["--pyramid"]],
    [[]],
    [["--ome-zarr-version", "0.6"]],
  ])("%s: damaged chunks become fill values, and are counted", async (options) => {
    const [first = "", second = ""] = await chunkNames();
    damage("chunks.ozx", (bytes) => void spoil(bytes, first, second));
    const refused = await ozx("convert", "chunks.ozx", "saved.ozx", ...options);
    expect(refused).toMatchObject({ code: 4 });
    const run = await ozx("convert", "--allow-damaged", "chunks.ozx", "saved.ozx", ...options);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(run.stderr).toContain("2 chunks are damaged, and became fill values:\n  0: 2 chunks\n");
    expect(await ozx("validate", "--deep", "saved.ozx")).toMatchObject({ code: 0 });
    await ozx("salvage", "chunks.ozx", "other.ozx", "--force");
    expect(await planes("saved.ozx")).toEqual(await planes("other.ozx"));
  });

  test("in shards, only the chunks are left out that cannot be decoded", async () => {
    await ozx("convert", "image.zarr", "sharded.zarr", "--shard", "auto", "--codec", "zstd:3", "--force");
    const shard = temp.path("sharded.zarr/0/c/0/0/0/0");
    const bytes = readFileSync(shard);
    bytes.fill(0, 0, 8);
    writeFileSync(shard, bytes);
    const run = await ozx("convert", "--allow-damaged", "sharded.zarr", "saved.ozx");
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(run.stderr).toContain("1 chunk is damaged, and became fill values:\n  0: 1 chunk\n");
    expect(await ozx("validate", "--deep", "saved.ozx")).toMatchObject({ code: 0 });
    const [before, after] = [await planes("image.ozx"), await planes("saved.ozx")];
    expect(after.filter((plane, k) => plane !== before[k])).toHaveLength(1);
  });

  test("with --out-dir, the line of an image counts its damage", async () => {
    const [first = "", second = ""] = await chunkNames();
    damage("chunks.ozx", (bytes) => void spoil(bytes, first, second));
    const run = await ozx(
      "convert",
      "--allow-damaged",
      "chunks.ozx",
      "--out-dir",
      "many",
      "--log",
      "log.jsonl",
    );
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const { message } = JSON.parse(readFileSync(temp.path("log.jsonl"), "utf8")) as { message: string };
    expect(message).toMatch(/s\. 2 chunks are damaged, and became fill values$/);
  });

  test.each([[["--codec", "zstd:3"]], [["--shard", "auto"]]])(
    "%s: a plan remembers what is damaged, and its parts leave it out",
    async (options) => {
      const [first = "", second = ""] = await chunkNames();
      damage("chunks.ozx", (bytes) => void spoil(bytes, first, second));
      await ozx("convert", "--allow-damaged", "chunks.ozx", "one.ozx", "--force", ...options);
      const asked = ["plan", "--allow-damaged", "chunks.ozx", "saved.ozx", "--parts", "2", "-o", "plan.json"];
      const planned = await ozx(...asked, "--force", ...options);
      expect(planned, planned.stderr).toMatchObject({ code: 0 });
      expect(planned.stderr).toContain("2 chunks are damaged, and became fill values:\n  0: 2 chunks\n");
      for (const part of ["0", "1"]) await ozx("run", "plan.json", "--part", part);
      const finished = await ozx("finish", "plan.json");
      expect(finished, finished.stderr).toMatchObject({ code: 0 });
      expect(readFileSync(temp.path("saved.ozx")).equals(readFileSync(temp.path("one.ozx")))).toBe(true);
    },
  );

  test("nothing damaged: the same bytes", async () => {
    const run = await ozx("convert", "--allow-damaged", "image.zarr", "saved.ozx");
    expect(run.stderr).toContain("No chunk is damaged");
    expect(readFileSync(temp.path("saved.ozx")).equals(whole)).toBe(true);
  });
});
