import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { skipFor, tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { runOzx, withoutShell } from "./support/run-ozx.js";

const temp = tempFolder();
const image = (): string => temp.path("image.zarr");
const size = { c: 1, z: 2, y: 300, x: 300 };

beforeAll(async () => {
  await writeSampleFolder(image(), { size, levels: 2, chunk: 64, codec: "gzip" });
});

describe("convert --codec", () => {
  testSample([["blosc:lz4:5:shuffle", "--shard", "y=128,x=128"], ["zstd:5"]], 1)(
    "%j: one thread and several give the same bytes, in a file and in a pipe",
    async ([codec = "", ...more]) => {
      const name = codec.replace(/:.*/, "");
      const convert = (output: string, ...rest: string[]) =>
        runOzx(["convert", image(), output, "--codec", codec, ...more, ...rest]);
      const one = await convert(temp.path(`${name}-1.ozx`), "--jobs", "1", "--verify");
      expect(one, one.stderr).toMatchObject({ code: 0 });
      const three = await convert(temp.path(`${name}-3.ozx`), "--jobs", "3");
      expect(three, three.stderr).toMatchObject({ code: 0 });
      const piped = await runOzx(["convert", image(), "-", "--codec", codec, ...more], {
        shell: `"$@" > ${temp.path(`${name}-pipe.ozx`)}`,
      });
      expect(piped, piped.stderr).toMatchObject({ code: 0 });
      const expected = readFileSync(temp.path(`${name}-1.ozx`));
      for (const other of ["3", "pipe"]) {
        expect(Buffer.compare(readFileSync(temp.path(`${name}-${other}.ozx`)), expected), other).toBe(0);
      }
      const validation = await runOzx(["validate", "--deep", temp.path(`${name}-3.ozx`)]);
      expect(validation, validation.stdout).toMatchObject({ code: 0 });
    },
    skipFor(withoutShell()),
  );

  test("says beforehand what would be re-encoded", async () => {
    const run = await runOzx(["convert", image(), temp.path("dry.ozx"), "--codec", "zstd:5", "-n"]);
    expect(run.stdout).toMatch(/Re-encoded +\d+ chunks or shards of 4 arrays, [\d.]+ kB, with zstd:5\n/);
    expect(run.stdout).toMatch(/Bytes +about /);
  });

  test("that is not known is a wrong use", async () => {
    const run = await runOzx(["convert", image(), temp.path("x.ozx"), "--codec", "lzma"]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain("zstd:1 to zstd:22");
  });

  test.for([
    [["--shard", "q=3"], "image.zarr has no axis q; its axes are c, z, y, x"],
    [["--shard", "auto", "--ome-zarr-version", "0.4"], "cannot be used together"],
    [["--codec", "zstd:"], 'invalid compression level ""'],
  ] as const)("%j is a wrong use", async ([options, sentence]) => {
    const run = await runOzx(["convert", image(), temp.path("never.zarr"), ...options]);
    expect(run, run.stderr).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain(sentence);
  });

  test.for(["1", "3"])(
    "of a damaged chunk ends with a sentence and leaves nothing, with %s threads",
    async (jobs) => {
      const [bad, out] = [temp.path(`bad-${jobs}.zarr`), temp.path(`out-${jobs}`)];
      mkdirSync(out);
      await writeSampleFolder(bad, { size, levels: 1, chunk: 64, codec: "gzip" });
      writeFileSync(`${bad}/0/c/0/1/2/2`, "no gzip");
      const run = await runOzx(["convert", bad, `${out}/x.ozx`, "--codec", "zstd", "--jobs", jobs]);
      expect(run.code).toBe(4);
      expect(run.stderr).toContain("0/c/0/1/2/2");
      expect(run.stderr).not.toMatch(/^\s+at /m);
      expect(readdirSync(out)).toEqual([]);
    },
  );
});
