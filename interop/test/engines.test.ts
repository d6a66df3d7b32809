import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { skipFor, withoutTool } from "@ozx/testing";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { scriptOf } from "../support/nextflow.js";
import { inInterop, makeSample, python, run, runOzx } from "../support/run.js";
import { type RunningSlurm, startSlurm } from "../support/slurm.js";
import { describeWithTools } from "../support/tools.js";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const example = (name: string): string => `${root}examples/cluster/${name}`;
const work = inInterop(".cache/work/engines");
const at = (name: string): string => `${work}/${name}`;
const tool = (name: string): string => inInterop(`.venv/bin/${name}`);

/** Runs a command in the folder of the test, in which `ozx` is the built command. */
async function runHere(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const path = `${at("bin")}:${inInterop(".venv/bin")}:${process.env["PATH"]}`;
  const { stdout } = await execute(program, args, { cwd: work, env: { ...process.env, ...env, PATH: path } });
  return stdout;
}

beforeAll(async () => {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(at("bin"), { recursive: true });
  writeFileSync(
    at("bin/ozx"),
    `#!/bin/sh\nexec "${process.execPath}" "${root}packages/cli/bin/ozx.js" "$@"\n`,
  );
  chmodSync(at("bin/ozx"), 0o755);
  await makeSample(at("image.zarr"), ["--size", "2,2,400,400", "--chunk", "64"]);
  await runOzx("convert", at("image.zarr"), at("one.ozx"));
}, 60_000);

const expectSame = (name: string): void => {
  expect(readFileSync(at(name)).equals(readFileSync(at("one.ozx")))).toBe(true);
  expect(readdirSync(work).filter((left) => left.includes(".parts-"))).toEqual([]);
};

const withoutSlurm =
  process.getuid?.() === 0
    ? withoutTool("/usr/sbin/slurmctld", "/usr/sbin/munged", "sbatch")
    : "only root can start the daemons of Slurm";

describe("Slurm", skipFor(withoutSlurm), () => {
  let slurm: RunningSlurm;
  beforeAll(async () => {
    slurm = await startSlurm();
    return () => slurm.stop();
  }, 30_000);

  test("an array of jobs and a job after it give the bytes of one command", async () => {
    const printed = await runHere("bash", [example("slurm.sh"), "image.zarr", "slurm.ozx", "4"], slurm.env);
    const job = printed.trim();
    expect(job).toMatch(/^\d+$/);
    await ended(slurm, job, ["COMPLETED"]);
    expectSame("slurm.ozx");
  }, 60_000);

  test("of an array that fails, the job after it is cancelled, and nothing is published", async () => {
    const plan = at("broken.plan.json");
    await runHere("ozx", ["plan", "image.zarr", "broken.ozx", "-o", plan, "--parts", "2"]);
    writeFileSync(plan, readFileSync(plan, "utf8").replaceAll('"source":"', '"source":"changed '));
    const printed = await runHere("bash", [example("slurm.sh"), "image.zarr", "broken.ozx", "2"], slurm.env);
    await ended(slurm, printed.trim(), ["CANCELLED"]);
    expect(existsSync(at("broken.ozx"))).toBe(false);
    await runHere("ozx", ["finish", plan, "--abandon"]);
  }, 60_000);

  test("Snakemake's executor gives the bytes of one command", {
    timeout: 120_000,
    ...skipFor(withoutTool(tool("snakemake"))),
  }, async () => {
    // The jobs that it submits have no SLURM_CONF, and srun looks for the file where it is installed.
    const link = "/etc/slurm/slurm.conf";
    expect(existsSync(link), `${link} is of another Slurm`).toBe(false);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(slurm.env["SLURM_CONF"] ?? "", link);
    onTestFinished(() => rmSync(link));
    await runHere(
      tool("snakemake"),
      [
        ...["-s", example("Snakefile"), "--executor", "slurm", "--jobs", "2"],
        ...["--default-resources", "slurm_partition=main", "mem_mb=0", "--slurm-status-command", "squeue"],
        ...["--slurm-init-seconds-before-status-checks", "1", "--seconds-between-status-checks", "1"],
        ...["--config", "input=image.zarr", "output=executor.ozx", "parts=2"],
      ],
      slurm.env,
    );
    expectSame("executor.ozx");
  });
});

/** Waits until a job has ended. */
async function ended(slurm: RunningSlurm, job: string, expected: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const states = await slurm.states(job);
    if (states.length > 0 && states.every((state) => !/PENDING|RUNNING|COMPLETING|CONFIGURING/.test(state))) {
      const logs = readdirSync(work).filter((name) => name.startsWith("slurm-"));
      const said = logs.map((name) => readFileSync(at(name), "utf8")).join("");
      expect(states, said).toEqual(expected);
      return;
    }
    await setTimeout(200);
  }
  throw new Error(`job ${job} does not end`);
}

describeWithTools("Snakemake", [tool("snakemake")], () => {
  test("the rules give the bytes of one command, and nothing is left to do", async () => {
    const args = ["-s", example("Snakefile"), "--cores", "2", "--config"];
    const config = ["input=image.zarr", "output=snake.ozx", "parts=3"];
    await runHere(tool("snakemake"), [...args, ...config]);
    expectSame("snake.ozx");
  }, 60_000);
});

describe("Nextflow", () => {
  test("the processes of a plan give the bytes of one command", async () => {
    const file = example("nextflow.nf");
    const params = { "params.input": "image.zarr", "params.output": "flow.ozx", "params.parts": "3" };
    const bash = (process: string, values: Record<string, string>) =>
      runHere("bash", [
        "-euc",
        scriptOf(file, process, { "params.options": "", plan: "plan.json", ...values }),
      ]);
    await bash("OZX_PLAN", params);
    const { parts } = JSON.parse(readFileSync(at("plan.json"), "utf8")) as { parts: number };
    for (let part = 0; part < parts; part++) await bash("OZX_RUN", { part: String(part), "task.cpus": "1" });
    await bash("OZX_FINISH", {});
    expectSame("flow.ozx");
  }, 60_000);

  test("the module in nf-core's form packs an image, and says which ozx it was", async () => {
    const script = scriptOf(example("modules/ozx/convert/main.nf"), "OZX_CONVERT", {
      ...{ args: "", image: "image.zarr", prefix: "scan" },
      ...{ "task.cpus": "1", "task.process": "OZX_CONVERT" },
    });
    await runHere("bash", ["-euc", script]);
    expect(readFileSync(at("scan.ozx")).equals(readFileSync(at("one.ozx")))).toBe(true);
    expect(readFileSync(at("versions.yml"), "utf8")).toMatch(/^"OZX_CONVERT":\n {4}ozx: \d+\.\d+\.\d+\n$/);
  }, 60_000);

  test("the module's description has the channels that it has", skipFor(withoutTool(python)), async () => {
    const folder = example("modules/ozx/convert");
    const script =
      "import json, sys, yaml; print(json.dumps([yaml.safe_load(open(p)) for p in sys.argv[1:]]))";
    const files = [`${folder}/meta.yml`, `${folder}/environment.yml`];
    const [meta, environment] = JSON.parse(await run(python, ["-c", script, ...files]));
    expect(meta).toMatchObject({
      name: "ozx_convert",
      input: [[{ meta: { type: "map" } }, { image: { type: "file" } }]],
      tools: [{ ozx: { licence: ["MIT"] } }],
    });
    const text = readFileSync(`${folder}/main.nf`, "utf8");
    expect(text).toContain("tuple val(meta), path(image)");
    const emitted = Array.from(text.matchAll(/emit: (\w+)/g), ([, name]) => name);
    expect(Object.keys(meta.output)).toEqual(emitted);
    expect(environment).toMatchObject({ channels: ["conda-forge"], dependencies: ["ozx"] });
  });
});

describeWithTools("cwltool", [tool("cwltool")], () => {
  test("each image becomes an .ozx", async () => {
    const args = ["--outdir", at("cwl"), "--preserve-entire-environment", example("convert-many.cwl")];
    await runHere(tool("cwltool"), [...args, "--images", "image.zarr"]);
    expect(readFileSync(at("cwl/image.ozx")).equals(readFileSync(at("one.ozx")))).toBe(true);
  }, 60_000);
});

describeWithTools("Kubernetes", [python], () => {
  test("the Job is indexed, runs a part, and tries an index again", async () => {
    const script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    const job: unknown = JSON.parse(await run(python, ["-c", script, example("kubernetes.yaml")]));
    const container = { name: "ozx", args: ["run", "s3://bucket/plan.json", "--jobs", "1"] };
    expect(job).toMatchObject({
      apiVersion: "batch/v1",
      kind: "Job",
      spec: {
        completionMode: "Indexed",
        backoffLimitPerIndex: 3,
        template: { spec: { restartPolicy: "Never", containers: [container] } },
      },
    });
  });
});

describeWithTools("Fractal", [python], () => {
  test("the task packs an image, and says where it is", async () => {
    writeFileSync(at("args.json"), JSON.stringify({ zarr_url: at("image.zarr"), folder: at("fractal") }));
    const args = [example("fractal_task.py"), "--args-json", at("args.json"), "--out-json", at("out.json")];
    await runHere(python, args);
    expect(JSON.parse(readFileSync(at("out.json"), "utf8"))).toEqual({
      image_list_updates: [{ zarr_url: at("image.zarr"), attributes: { ozx: at("fractal/image.ozx") } }],
    });
    expect(readFileSync(at("fractal/image.ozx")).equals(readFileSync(at("one.ozx")))).toBe(true);
    // Run again, as a workflow that goes on after a failure does.
    await runHere(python, args);
  });
});
