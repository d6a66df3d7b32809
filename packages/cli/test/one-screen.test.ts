import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { type Run, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ROWS = [..."ABCDEFGH"];
const COLUMNS = Array.from({ length: 12 }, (_, column) => String(column + 1));
const FIELDS = ["0", "1", "2", "3"];

function ozx(...args: string[]): Promise<Run> {
  return runOzx(args, { cwd: temp.path(), env: { COLUMNS: "80" } });
}

function write(path: string, document: Readonly<Record<string, unknown>>): void {
  mkdirSync(temp.path(path), { recursive: true });
  writeFileSync(temp.path(`${path}/zarr.json`), JSON.stringify({ zarr_format: 3, ...document }));
}

function group(path: string, ome?: object): void {
  write(path, {
    node_type: "group",
    attributes: ome === undefined ? {} : { ome: { version: "0.5", ...ome } },
  });
}

/** As many programs write it: chunks by themselves, and none of the members that are only recommended. */
beforeAll(() => {
  const wells = ROWS.flatMap((row, rowIndex) =>
    COLUMNS.map((column, columnIndex) => ({ path: `${row}/${column}`, rowIndex, columnIndex })),
  );
  const named = (names: readonly string[]) => names.map((name) => ({ name }));
  group("plate.zarr", { plate: { name: "plate", rows: named(ROWS), columns: named(COLUMNS), wells } });
  for (const row of ROWS) group(`plate.zarr/${row}`);
  for (const { path } of wells) {
    group(`plate.zarr/${path}`, { well: { images: FIELDS.map((field) => ({ path: field })) } });
    for (const field of FIELDS) image(`plate.zarr/${path}/${field}`);
  }
});

function image(path: string): void {
  const axes = ["y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" }));
  const scaled = (size: number) => [{ type: "scale", scale: [size, size] }];
  const datasets = [1, 2].map((size, level) => ({
    path: String(level),
    coordinateTransformations: scaled(size),
  }));
  group(path, { multiscales: [{ axes, datasets }] });
  for (const [level, size] of [64, 32].entries()) {
    write(`${path}/${level}`, {
      ...{ node_type: "array", shape: [size, size], data_type: "uint8", fill_value: 0 },
      chunk_grid: { name: "regular", configuration: { chunk_shape: [16, 16] } },
      chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
      codecs: [{ name: "bytes" }],
      dimension_names: ["y", "x"],
    });
  }
}

describe("a plate of 384 images", () => {
  let packed: Run;
  beforeAll(async () => {
    packed = await ozx("convert", "plate.zarr", "plate.ozx");
  });

  test("is packed and shown without a line for each image", async () => {
    expect(packed.code).toBe(0);
    expect(packed.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect((await ozx("info", "plate.ozx")).stdout.split("\n").length).toBeLessThan(40);
  });

  test("is told in a line for each kind what is recommended, and in one command what to do", async () => {
    const { code, stdout } = await ozx("validate", "plate.ozx");
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test("has all of it with -v, --json and --jsonl", async () => {
    const [verbose, json, jsonl] = await Promise.all([
      ozx("validate", "-v", "plate.ozx"),
      ozx("validate", "--json", "plate.ozx"),
      ozx("validate", "--jsonl", "plate.ozx"),
    ]);
    expect(verbose.stdout).toContain("warning sharding (RFC-9 SHOULD), 768 times");
    expect(verbose.stdout).toContain("→ Add this member to the metadata.");
    const { counts } = JSON.parse(json.stdout).reports[0];
    expect(counts.warnings).toBeGreaterThanOrEqual(1_536);
    expect(jsonl.stdout.trimEnd().split("\n")).toHaveLength(counts.warnings + counts.infos);
  });

  test("fails with --strict, which names the kinds", async () => {
    const { code, stdout } = await ozx("validate", "--strict", "plate.ozx");
    expect(code).toBe(1);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "not valid with --strict, because of sharding, ome-schema-image-recommended",
    );
  });

  test("is better when the command was run that is named", async () => {
    const { stdout } = await ozx("validate", "plate.ozx");
    const [, command = ""] = /→ ozx (.*)/.exec(stdout) ?? [];
    expect(await ozx(...command.split(" "))).toMatchObject({ code: 0 });
    const after = (await ozx("validate", "plate-new.ozx")).stdout;
    expect(after).not.toContain("sharding");
    expect(after).toContain("RFC-9: conforms (12 of 12 recommendations)");
  });

  test("and others are counted by file at the end", async () => {
    const { stdout } = await ozx("validate", "plate.ozx", "plate.zarr");
    expect(stdout.slice(stdout.lastIndexOf("2 in all"))).toMatchInlineSnapshot(`
      "2 in all: 2 valid, 0 not valid
        sharding in 1, ome-schema-image-recommended in 2
      "
    `);
  });
});

describe("an archive of another program", () => {
  beforeAll(async () => {
    await writeSampleFolder(temp.path("image.zarr"), { levels: 1 });
    // Its arrays are not sharded with those of the image.
    rmSync(temp.path("image.zarr/tables"), { recursive: true });
  });

  test("is repaired in place where no data has to be moved", async () => {
    await ozx("convert", "image.zarr", "it's one.ozx", "--shard", "auto");
    const file = temp.path("it's one.ozx");
    const bytes = readFileSync(file);
    // Without its comment, whose length is in the two bytes before it.
    const comment = bytes.lastIndexOf("PK\u0005\u0006", undefined, "latin1") + 20;
    bytes.writeUInt16LE(0, comment);
    writeFileSync(file, bytes.subarray(0, comment + 2));
    const { stdout } = await ozx("validate", "it's one.ozx");
    expect(stdout).toContain("comment-json");
    expect(stdout).toContain("→ ozx fix 'it'\\''s one.ozx'\n");
    expect(await ozx("fix", "it's one.ozx")).toMatchObject({ code: 0 });
    expect((await ozx("validate", "it's one.ozx")).stdout).not.toContain("comment-json");
  });
});

test("arrays of tables, which no command shards, are a remark and no warning", async () => {
  await writeSampleFolder(temp.path("tables.zarr"), { levels: 1 });
  await ozx("convert", "tables.zarr", "tables.ozx", "--shard", "auto");
  const { stdout } = await ozx("validate", "tables.ozx");
  expect(stdout).toMatch(/info +\d × sharding: \/tables\//);
  expect(stdout).not.toContain("--shard auto");
});

test("an output that is not valid is told as such in the last line, with the reason", async () => {
  group("draft.zarr");
  image("draft.zarr");
  const path = temp.path("draft.zarr/zarr.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"0.5"', '"0.6.dev1"'));
  const { code, stderr } = await ozx("convert", "draft.zarr", "draft.ozx");
  expect(code).toBe(0);
  const lines = stderr.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^The output is not valid: .*; ozx validate says how/);
  expect(lines.at(-2)).toMatch(/^draft\.ozx: /);
});
