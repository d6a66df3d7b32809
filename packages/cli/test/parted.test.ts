import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import {
  type BucketServer,
  isFullRun,
  notOn,
  skipFor,
  startBucketServer,
  tempFolder,
  testSample,
  writeSampleFolder,
} from "@ozx/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RunOptions, runOzx } from "./support/run-ozx.js";
import { type PartsOptions, runParts as runPartsIn } from "./support/run-parts.js";

const temp = tempFolder();
const ozx = (args: readonly string[], options: RunOptions = {}) =>
  runOzx(args, { cwd: temp.path(), ...options });
const read = (name: string): Buffer => readFileSync(temp.path(name));

const runParts = (plan: string, options?: PartsOptions): Promise<number> =>
  runPartsIn(temp.path(), plan, options);

/** What lies beside outputs while a plan is not finished. */
const leftBeside = (): string[] => readdirSync(temp.path()).filter((name) => name.includes(".parts-"));

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), {
    size: { c: 2, z: 2, y: 400, x: 400 },
    levels: 2,
    chunk: 64,
  });
  await writeSampleFolder(temp.path("flat.zarr"), {
    size: { c: 2, z: 2, y: 700, x: 700 },
    levels: 1,
    chunk: 64,
  });
  // Several MiB in each part, as parts of uploads need.
  await writeSampleFolder(temp.path("large.zarr"), {
    ...{ size: { c: 2, z: 4, y: 1200, x: 1200 }, levels: 1, chunk: 400, codec: "none" as const },
  });
});

const CONVERSIONS: readonly (readonly [string, ...string[]])[] = [
  ["image.zarr"],
  ["large.zarr"],
  ["image.zarr", "--shard", "auto"],
  ["image.zarr", "--codec", "gzip:1"],
  ["flat.zarr", "--codec", "zstd:3", "--pyramid"],
  ["image.zarr", "--codec", "none", "--shard", "y=128,x=128"],
  ["image.zarr", "--c", "1", "--levels", "1:"],
];

describe("plan, run and finish", () => {
  testSample(CONVERSIONS, 2)("give the bytes of one command: %j", async ([input, ...options]) => {
    await ozx(["convert", input, "one.ozx", "--force", ...options]);
    const planned = await ozx([
      "plan",
      input,
      "many.ozx",
      "-o",
      "plan.json",
      "--parts",
      "5",
      "-f",
      ...options,
    ]);
    expect(planned, planned.stderr).toMatchObject({ code: 0 });
    expect(existsSync(temp.path("many.ozx")) && options.length === 0).toBe(false);
    expect(await runParts("plan.json", { args: ["--jobs", "2"] })).toBeGreaterThan(1);
    const finished = await ozx(["finish", "plan.json"]);
    expect(finished, finished.stderr).toMatchObject({ code: 0 });
    expect(finished.stderr).toMatch(/many\.ozx: \d parts, .*B, /);
    expect(Buffer.compare(read("many.ozx"), read("one.ozx"))).toBe(0);
    expect(leftBeside()).toEqual([]);
    // Of a job that was put back into the queue nothing is left to do.
    expect(await ozx(["run", "plan.json", "--part", "0"])).toMatchObject({ code: 0 });
    expect(await ozx(["finish", "plan.json"])).toMatchObject({ code: 0 });
    rmSync(temp.path("many.ozx"));
  });

  test("the same conversion has the same plan, which resumes what its parts have done", async () => {
    const plan = () => ozx(["plan", "image.zarr", "same.ozx", "-o", "same.json", "--parts", "3", "-f"]);
    await plan();
    const [first, { state }] = [read("same.json"), JSON.parse(read("same.json").toString())];
    await runParts("same.json", { without: [2] });
    await plan();
    expect(read("same.json").toString()).toBe(first.toString());
    const again = await ozx(["run", "same.json", "--part", "0"]);
    expect(again.stderr).toContain("written already: nothing to do");
    await runParts("same.json");
    // A finish that was killed when it had published leaves the notes of the parts.
    cpSync(state, temp.path("notes"), { recursive: true });
    rmSync(temp.path("notes/archive"));
    await ozx(["finish", "same.json"]);
    const whole = read("same.ozx");
    renameSync(temp.path("notes"), state);
    await plan();
    expect(await ozx(["finish", "same.json"])).toMatchObject({ code: 75 });
    await runParts("same.json");
    expect(await ozx(["finish", "same.json"])).toMatchObject({ code: 0 });
    expect(read("same.ozx").equals(whole)).toBe(true);
  });

  test("a finish that comes too early names the parts, and publishes nothing", async () => {
    await ozx(["plan", "image.zarr", "early.ozx", "-o", "early.json", "--parts", "4"]);
    await runParts("early.json", { without: [1, 2] });
    const run = await ozx(["finish", "early.json"]);
    expect(run).toMatchObject({ code: 75, stdout: "" });
    expect(run.stderr).toContain("2 of 4 parts (from 0) are not written: 1, 2;");
    expect(existsSync(temp.path("early.ozx"))).toBe(false);
    await runParts("early.json");
    expect(await ozx(["finish", "early.json"])).toMatchObject({ code: 0 });
  });

  test("two runs of each part at once, and two that finish", async () => {
    await ozx(["plan", "image.zarr", "twice.ozx", "-o", "twice.json", "--parts", "3", "--codec", "zstd"]);
    for (const part of ["0", "1", "2"]) {
      const both = await Promise.all([1, 2].map(() => ozx(["run", "twice.json", "--part", part])));
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
    }
    expect((await ozx(["run", "twice.json", "--part", "1"])).stderr).toContain(
      "written already: nothing to do",
    );
    await ozx(["finish", "twice.json"]);
    expect(await ozx(["verify", "image.zarr", "twice.ozx"])).toMatchObject({ code: 0 });
  });

  test("a part that finds another input ends with 75", async () => {
    cpSync(temp.path("image.zarr"), temp.path("changing.zarr"), { recursive: true });
    await ozx(["plan", "changing.zarr", "changed.ozx", "-o", "changed.json", "--parts", "2"]);
    await runParts("changed.json", { without: [1] });
    const [chunk = ""] = [...sampleKeys()].slice(-1);
    appendFileSync(temp.path(`changing.zarr/${chunk}`), "x");
    const run = await ozx(["run", "changed.json", "--part", "1"]);
    expect(run).toMatchObject({ code: 75 });
    expect(run.stderr).toContain("has changed since the plan was made");
    expect(existsSync(temp.path("changed.ozx"))).toBe(false);
    expect(await ozx(["finish", "changed.json", "--abandon"])).toMatchObject({ code: 0 });
    expect(leftBeside().filter((name) => name.includes("changed"))).toEqual([]);
  });

  test("the plan is there once, and the output is not replaced without --force", async () => {
    writeFileSync(temp.path("there.ozx"), "kept");
    const refused = await ozx(["plan", "image.zarr", "there.ozx", "-o", "there.json", "--parts", "2"]);
    expect(refused).toMatchObject({ code: 6 });
    expect(existsSync(temp.path("there.json"))).toBe(false);
    await ozx(["plan", "image.zarr", "late.ozx", "-o", "late.json", "--parts", "2"]);
    expect(await ozx(["plan", "image.zarr", "late.ozx", "-o", "late.json", "--parts", "2"])).toMatchObject({
      code: 6,
    });
    await runParts("late.json");
    writeFileSync(temp.path("late.ozx"), "came meanwhile");
    expect(await ozx(["finish", "late.json"])).toMatchObject({ code: 6 });
    expect(read("late.ozx").toString()).toBe("came meanwhile");
    await ozx(["finish", "late.json", "--abandon"]);
  });

  const ARRAYS: readonly [Record<string, string>, string][] = [
    [{ SLURM_ARRAY_TASK_ID: "1" }, "part 0"],
    [{ AWS_BATCH_JOB_ARRAY_INDEX: "1" }, "part 1"],
    [{ JOB_COMPLETION_INDEX: "0" }, "part 0"],
    [{ PBS_ARRAY_INDEX: "2" }, "part 1"],
    [{ SGE_TASK_ID: "undefined", LSB_JOBINDEX: "2" }, "part 1"],
    [{ SLURM_ARRAY_TASK_ID: "9" }, "the plan has 2 parts"],
  ];
  testSample(ARRAYS, 3)("the task of an array is its part: %j", async ([env, says]) => {
    rmSync(temp.path("array.json"), { force: true });
    await ozx(["plan", "image.zarr", "array.ozx", "-o", "array.json", "--parts", "2"]);
    const run = await ozx(["run", "array.json"], { env });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(run.stderr).toContain(says);
    await ozx(["finish", "array.json", "--abandon"]);
  });

  test.each([
    [["run", "early.json"], {}, 2, "give the part with --part"],
    [["run", "early.json"], { SLURM_ARRAY_TASK_ID: "0" }, 2, "count from 1"],
    [["run", "image.zarr/zarr.json", "--part", "0"], {}, 4, "is not a plan"],
    [["run", "nowhere.json", "--part", "0"], {}, 3, "does not exist"],
    [["plan", "image.zarr", "x.zarr", "-o", "x.json", "--parts", "2"], {}, 2, "cannot be written in parts"],
    [["plan", "image.zarr", "x.ozx", "-o", "no/x.json", "--parts", "2"], {}, 74, "create it first"],
    [["plan", "nowhere.zarr", "x.ozx", "-o", "x.json", "--parts", "2"], {}, 3, "does not exist"],
    [["plan", "image.zarr", "x.ozx", "-o", "x.json", "--parts", "0"], {}, 2, "--parts takes"],
  ])("%j is refused", async (args, env: Record<string, string>, code, why) => {
    const run = await ozx(args, { env });
    expect(run).toMatchObject({ code });
    expect(run.stderr).toContain(why);
    expect(existsSync(temp.path("x.json"))).toBe(false);
  });
});

describe("a part that is killed", skipFor(notOn("win32")), () => {
  testSample(["none", "zstd:9"], 1)("at any moment is run again, with --codec %s", async (codec) => {
    await ozx(["convert", "large.zarr", "whole.ozx", "-f", "--codec", codec]);
    rmSync(temp.path("killed.json"), { force: true });
    rmSync(temp.path("killed.ozx"), { force: true });
    await ozx(["plan", "large.zarr", "killed.ozx", "-o", "killed.json", "--parts", "2", "--codec", codec]);
    for (let kills = 0; kills < (isFullRun ? 10 : 1); kills++) {
      await ozx(["run", "killed.json", "--part", "1"], {
        onStart: (kill) => setTimeout(() => kill("SIGKILL"), 120 + kills * 60),
      });
      expect(existsSync(temp.path("killed.ozx"))).toBe(false);
    }
    await runParts("killed.json");
    await ozx(["finish", "killed.json"], { onStart: (kill) => setTimeout(() => kill("SIGKILL"), 250) });
    expect(await ozx(["finish", "killed.json"])).toMatchObject({ code: 0 });
    expect(Buffer.compare(read("killed.ozx"), read("whole.ozx"))).toBe(0);
    expect(leftBeside().filter((name) => name.includes("killed"))).toEqual([]);
  });
});

describe("into one upload", () => {
  let server: BucketServer;
  let env: Record<string, string>;
  beforeEach(async () => {
    server = await startBucketServer();
    env = {
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_ENDPOINT_URL: server.url,
      AWS_REGION: "r",
    };
  });
  afterEach(() => server.close());
  const stored = () => server.objects.get("b/many.ozx") ?? new Uint8Array();

  const COPIES: readonly (readonly [string, ...string[]])[] = [
    ["large.zarr", "--shard", "auto"],
    ["large.zarr"],
    ["image.zarr"],
  ];
  testSample(COPIES, 1)("the bytes are those of one command: %j", async ([input, ...options]) => {
    await ozx(["convert", input, "one.ozx", "--force", ...options]);
    const planned = await ozx(
      ["plan", input, "s3://b/many.ozx", "-o", "up.json", "--parts", "3", "-f", ...options],
      { env },
    );
    expect(planned, planned.stderr).toMatchObject({ code: 0 });
    server.requests.length = 0;
    await runParts("up.json", { env });
    expect(server.objects.has("b/many.ozx")).toBe(false);
    // As docs/cluster.md says: of a task three and those of its bytes, of the end two for each task and a few more.
    const results = server.requests.filter((request) => /PUT .*part-\d+\.json$/.test(request)).length;
    const uploaded = server.requests.filter((request) => request.includes("partNumber=")).length;
    expect(server.requests.length - uploaded).toBe(3 * results);
    server.requests.length = 0;
    const run = await ozx(["finish", "up.json"], { env });
    expect(server.requests.length).toBe(2 * results + 4);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(Buffer.compare(stored(), read("one.ozx"))).toBe(0);
    expect([...server.objects.keys()]).toEqual(["b/many.ozx"]);
    expect(server.uploads.size).toBe(0);
  });

  const GENERATED: readonly (readonly [string, ...string[]])[] = [
    ["image.zarr", "--codec", "zstd:1"],
    ["large.zarr", "--codec", "none", "--pyramid", "--shard", "auto"],
    ["large.zarr", "--codec", "gzip:1"],
  ];
  testSample(GENERATED, 0)("generated entries are the same, in segments: %j", async ([input, ...options]) => {
    await ozx(["convert", input, "one.ozx", "--force", ...options]);
    await ozx(["plan", input, "s3://b/many.ozx", "-o", "s3://b/plan.json", "--parts", "3", ...options], {
      env,
    });
    const { parts } = JSON.parse(Buffer.from(server.objects.get("b/plan.json") ?? []).toString()) as {
      parts: number;
    };
    for (let part = 0; part < parts; part++) {
      const run = await ozx(["run", "s3://b/plan.json", "--part", String(part)], { env });
      expect(run, run.stderr).toMatchObject({ code: 0 });
    }
    expect(await ozx(["finish", "s3://b/plan.json"], { env })).toMatchObject({ code: 0 });
    writeFileSync(temp.path("got.ozx"), stored());
    expect(await ozx(["verify", "--bytes", "one.ozx", "got.ozx"])).toMatchObject({ code: 0 });
    const valid = await ozx(["validate", "--deep", "got.ozx"]);
    expect(valid, valid.stdout).toMatchObject({ code: 0 });
    expect([...server.objects.keys()].sort()).toEqual(["b/many.ozx", "b/plan.json"]);
    expect(server.uploads.size).toBe(0);
  });

  test("that is given up leaves nothing", async () => {
    await ozx(["plan", "large.zarr", "s3://b/many.ozx", "-o", "gone.json", "--parts", "3"], { env });
    await runParts("gone.json", { without: [2], env });
    expect(await ozx(["finish", "gone.json"], { env })).toMatchObject({ code: 75 });
    expect(await ozx(["finish", "gone.json", "--abandon"], { env })).toMatchObject({ code: 0 });
    expect(server.objects.size + server.uploads.size).toBe(0);
  });
});

function sampleKeys(): string[] {
  return readdirSync(temp.path("changing.zarr"), { recursive: true, encoding: "utf8" })
    .filter((name) => /\/c\/[\d/]+$/.test(name) && !readdirSafe(temp.path(`changing.zarr/${name}`)))
    .sort();
}

function readdirSafe(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}
