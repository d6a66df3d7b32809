import { writeFileSync } from "node:fs";
import { startRangeServer, tempFolder } from "@ozx/testing";
import { open } from "ozx";
import { describe, expect, test } from "vitest";
import { buildCzi, valuesOf } from "../../store-czi/test/fixtures/build-czi.js";
import {
  buildLif,
  buildLof,
  buildXlef,
  type LifImageToWrite,
  someBytes,
} from "../../store-lif/test/fixtures/build-lif.js";
import { buildNd2, loop } from "../../store-nd2/test/fixtures/build-nd2.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });

const stack: LifImageToWrite = {
  name: "stack",
  dimensions: [
    [1, 32, 1],
    [2, 24, 32],
    [3, 4, 32 * 24],
  ],
  bytes: someBytes(32 * 24 * 4),
};

/** Files that say nothing by their names, and what the command says of them. */
const FILES: readonly (readonly [string, () => Uint8Array, string])[] = [
  ["nd2", () => buildNd2({ frames: [0, 1], experiment: loop(1, 2) }), "2×1×7×12"],
  [
    "nd2 with frames that are decoded in threads",
    () =>
      buildNd2({
        width: 1023,
        height: 600,
        zlib: true,
        pad: 2,
        frames: [0, 1, 2, 3, 4],
        experiment: loop(4, 5),
      }),
    "5×600×1023",
  ],
  ["lif", () => buildLif([stack, { ...stack, name: "other" }]), "1×4×24×32"],
  ["lof", () => buildLof(stack), "1×4×24×32"],
];

describe("files of microscopes are known by what is in them", () => {
  test.each(FILES)("%s", async (kind, build, shape) => {
    const name = `${kind.slice(0, 5).trim()}-${kind.length}.bin`;
    writeFileSync(temp.path(name), build());
    const { stdout } = await ozx("info", name);
    expect(stdout).toContain(shape);
    expect(stdout).toContain(kind.startsWith("nd2") ? "in an ND2" : "in a LIF or LOF");
    const converted = await ozx("convert", name, `${name}.ozx`, "--verify");
    expect(converted.stderr).toContain(`all pixels and metadata are the same as in ${name}`);
    expect(converted.code).toBe(0);
    expect((await ozx("verify", name, `${name}.ozx`)).code).toBe(0);
    expect((await ozx("validate", "--deep", `${name}.ozx`)).code).toBe(0);
  });
});

test("a project in several files is converted by the one that names them, by threads too", async () => {
  writeFileSync(temp.path("scan.xlef"), buildXlef("scan", ["one.lof"]));
  writeFileSync(temp.path("one.lof"), buildLof(stack));
  const converted = await ozx("convert", "scan.xlef", "scan.ozx", "--codec", "zstd:3", "-j2", "--verify");
  expect(converted, converted.stderr).toMatchObject({ code: 0 });
  expect((await ozx("plan", "scan.xlef", "plan.ozx", "--parts", "1", "-o", "plan.json")).code).toBe(0);
  writeFileSync(temp.path("one.lof"), buildLof({ ...stack, name: "longer" }));
  const changed = await ozx("run", "plan.json", "--part", "0");
  expect(changed, changed.stderr).toMatchObject({ code: 75 });
});

test("the error for a damaged file names what reads the rest of it, and nothing that is for archives", async () => {
  writeFileSync(temp.path("cut.lif"), buildLif([stack]).slice(0, -9));
  writeFileSync(
    temp.path("cut.czi"),
    buildCzi([{ at: {}, width: 8, height: 8, pixels: valuesOf(8, 8) }]).slice(0, 700),
  );
  const lif = await ozx("convert", "cut.lif", "cut.ozx");
  expect(lif).toMatchObject({ code: 4 });
  expect(lif.stderr).toContain("(ozx convert --allow-missing reads the rest, and fills in 0)");
  expect((await ozx("convert", "--allow-missing", "cut.lif", "cut.ozx")).code).toBe(0);
  const czi = await ozx("info", "cut.czi");
  expect(czi).toMatchObject({ code: 4 });
  expect(czi.stderr).not.toContain("salvage");
});

test("a file on a server is converted by its address, and opened by the library", async () => {
  const files = new Map([
    ["/scan.nd2", buildNd2({ frames: [0, 1], experiment: loop(1, 2) })],
    ["/project.lif", buildLif([stack])],
    ["/scan.xlef", buildXlef("scan", ["one.lof"])],
    ["/one.lof", buildLof(stack)],
  ]);
  const server = await startRangeServer((path) => files.get(path));
  for (const path of ["/scan.nd2", "/project.lif", "/scan.xlef"]) {
    const { href } = new URL(path, server.url);
    const converted = await ozx("convert", href, `remote${path.slice(1)}.ozx`, "--verify");
    expect(converted.code).toBe(0);
    const store = await open(href);
    expect(store.format).toBe(path.endsWith("nd2") ? "nd2" : "lif");
    expect((await store.get("/0/zarr.json"))?.length).toBeGreaterThan(0);
    await store.close();
  }
  await server.close();
});

test("info asks a server for a few parts of a file, however many planes it has", async () => {
  const many = [...Array(200).keys()];
  const pixels = valuesOf(8, 8);
  const files = new Map([
    ["/scan.nd2", buildNd2({ frames: many, experiment: loop(1, many.length), zlib: true })],
    ["/scan.czi", buildCzi(many.map((T) => ({ at: { T }, width: 8, height: 8, pixels })))],
  ]);
  const server = await startRangeServer((path) => files.get(path));
  for (const path of files.keys()) {
    const before = server.requests.length;
    const { code, stdout } = await ozx("info", new URL(path, server.url).href);
    expect(code).toBe(0);
    expect(stdout).toContain("200");
    expect(server.requests.length - before, path).toBeLessThanOrEqual(8);
  }
  await server.close();
});
