import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describeSample, tempFolder, writeSampleFolder } from "@ozx/testing";
import { addLabels, openOmeZarr } from "ozx";
import { beforeAll, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });
const [HEIGHT, WIDTH] = [80, 90];
const PIXELS = Uint32Array.from({ length: 2 * HEIGHT * WIDTH }, (_, k) => (k % 7 === 0 ? 0 : k));

beforeAll(async () => {
  const options = { size: { c: 2, z: 2, y: HEIGHT, x: WIDTH }, levels: 2, chunk: 32, codec: "zstd" } as const;
  await writeSampleFolder(temp.path("v04.zarr"), { ...options, version: "0.4" });
  for (const version of ["0.5", "0.6"]) {
    for (const suffix of ["zarr", "ozx"]) {
      const output = `v${version.replace(".", "")}.${suffix}`;
      const run = await ozx("convert", "v04.zarr", output, "--ome-zarr-version", version);
      expect(run, run.stderr).toMatchObject({ code: 0 });
    }
  }
});

const IMAGES: readonly [name: string, version: string][] = [
  ["v04.zarr", "0.4"],
  ["v05.zarr", "0.5"],
  ["v06.zarr", "0.6"],
  ["v05.ozx", "0.5"],
  ["v06.ozx", "0.6"],
];
describeSample(IMAGES, 3)("labels in %s", ([name, version]) => {
  test("are of its version, beside those that are there, again and again", async () => {
    const path = temp.path(name);
    for (const added of ["nuclei", "membranes"]) {
      const labels = await addLabels(path, added, { chunks: [1, 32, 32] });
      expect(labels).toMatchObject({ path: `/labels/${added}`, shape: [2, HEIGHT, WIDTH], levels: 2 });
      await labels.write({}, PIXELS);
      await labels.close();
    }
    const node = await openOmeZarr(path);
    expect(node.labels.map((label) => label.path)).toEqual([
      "/labels/cells",
      "/labels/nuclei",
      "/labels/membranes",
    ]);
    const { data } = (await node.labels[1]?.level(0).read()) ?? {};
    expect(data).toEqual(PIXELS);
    const [before, after] = node.labels.map((label) => label.level(0));
    expect(after?.scale).toEqual(before?.scale);
    await node.close();
    const run = await ozx("validate", "--deep", "--jsonl", name);
    expect(run, run.stdout).toMatchObject({ code: 0 });
    const findings = run.stdout.split("\n").filter((line) => /"rule":"(ome|zarr|chunk)/.test(line));
    expect(findings.filter((line) => /nuclei|membranes/.test(line))).toEqual([]);
    const inspected = JSON.parse((await ozx("info", "--json", name)).stdout).files[0];
    expect(inspected).toMatchObject({ omeVersion: version });
    expect(readdirSync(temp.path()).filter((left) => left.includes("partial"))).toEqual([]);
  });

  test("that are thrown away, or cannot be, leave it as it was", async () => {
    const path = temp.path(name);
    const read = () => (name.endsWith("zarr") ? readFolder(path) : readFileSync(path));
    const before = read();
    const labels = await addLabels(path, "gone");
    await labels.write({ z: 0 }, PIXELS.subarray(0, HEIGHT * WIDTH));
    await labels.discard();
    await expect(addLabels(path, "nuclei")).rejects.toBeInstanceOf(RangeError);
    await expect(addLabels(path, "x", { chunk: [1, 1, 1] } as never)).rejects.toMatchObject({
      _tag: "Usage",
    });
    expect(read()).toEqual(before);
    expect(readdirSync(temp.path()).filter((left) => left.includes("partial"))).toEqual([]);
  });
});

test("nothing is seen in a folder before close, and copies of metadata tell of it afterwards", async () => {
  const path = temp.path("copies.zarr");
  await writeSampleFolder(path, { size: { c: 1, z: 1, y: 40, x: 40 }, levels: 1, version: "0.4" });
  const metadata = { ".zattrs": JSON.parse(readFileSync(`${path}/.zattrs`, "utf8")) };
  writeFileSync(`${path}/.zmetadata`, JSON.stringify({ zarr_consolidated_format: 1, metadata }));
  const labels = await addLabels(path, "nuclei");
  await labels.write({}, new Uint32Array(1600).fill(3));
  expect(existsSync(`${path}/labels/nuclei`)).toBe(false);
  await labels.close();
  const written = JSON.parse(readFileSync(`${path}/.zmetadata`, "utf8"));
  expect(Object.keys(written.metadata).sort()).toEqual([
    ".zattrs",
    "labels/.zattrs",
    "labels/nuclei/.zattrs",
    "labels/nuclei/.zgroup",
    "labels/nuclei/0/.zarray",
  ]);
  expect(written.metadata["labels/.zattrs"]).toEqual({ labels: ["cells", "nuclei"] });
  expect(existsSync(`${path}/labels/nuclei/0/0/0/0`)).toBe(true);
});

test("what OME-Zarr 0.4 has no word for is refused by name", async () => {
  const shards = { chunks: [1, 32, 32], shards: [1, 64, 64] };
  await expect(addLabels(temp.path("v04.zarr"), "sharded", shards)).rejects.toThrow("Zarr v2 has no shards");
});
