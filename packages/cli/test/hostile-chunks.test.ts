import { existsSync, readdirSync, readFileSync } from "node:fs";
import { sharedPath, skipFor, tempFolder, withoutSharedData } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const skip = skipFor(withoutSharedData("cases"));
const caseOf = (name: string): string => sharedPath(`cases/${name}`);

describe.for(["damaged-blosc-bit.zarr", "damaged-blosc-zeroed.zarr"])("%s", (name) => {
  test("is no valid image once its data is looked at", skip, async () => {
    const run = await runOzx(["validate", "--deep", "--jsonl", caseOf(name)]);
    expect(run, run.stdout).toMatchObject({ code: 1 });
    expect(run.stdout).toMatch(/"chunk-decodes"[^\n]*\/0\/c\/0\/0/);
  });

  test.for(["1", "3"])("is not carried on with another codec, in %s threads", skip, async (jobs) => {
    const output = temp.path(`${name}-${jobs}.ozx`);
    const run = await runOzx(["convert", caseOf(name), output, "--codec", "zstd", "--jobs", jobs]);
    expect(run, run.stderr).toMatchObject({ code: 4 });
    expect(run.stderr).toContain("0/c/0/0");
    expect(existsSync(output)).toBe(false);
  });
});

describe("a chunk of 16 bytes that inflates to 1 GB", () => {
  // With as little memory as this, decoding all of it would end the process.
  const env = { NODE_OPTIONS: "--max-old-space-size=96" };
  test("is a finding", skip, async () => {
    const run = await runOzx(["validate", "--deep", "--jsonl", caseOf("zstd-bomb-1G.ozx")], { env });
    expect(run, run.stdout).toMatchObject({ code: 1 });
    expect(run.stdout).toMatch(/"chunk-decodes"[^\n]*decodes to/);
  });

  test("is not carried on with another codec", skip, async () => {
    const output = temp.path("bomb.ozx");
    const args = ["convert", caseOf("zstd-bomb-1G.ozx"), output, "--codec", "gzip"];
    const run = await runOzx(args, { env });
    expect(run, run.stderr).toMatchObject({ code: 4 });
    expect(run.stderr).toContain("decodes to");
    expect(existsSync(output)).toBe(false);
  });
});

test("gzip of level -1 becomes what readers of Zarr v3 open", skip, async () => {
  const output = temp.path("levels.zarr");
  const run = await runOzx([
    "convert",
    caseOf("gzip-level-minus-1.zarr"),
    output,
    "--ome-zarr-version",
    "0.5",
    "--verify",
  ]);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const { codecs } = JSON.parse(readFileSync(`${output}/0/zarr.json`, "utf8"));
  expect(codecs).toContainEqual({ name: "gzip", configuration: { level: 6 } });
  expect(readdirSync(`${output}/0/c`)).toEqual(["0", "1", "2"]);
  const validation = await runOzx(["validate", "--deep", output]);
  expect(validation, validation.stdout).toMatchObject({ code: 0 });
});
