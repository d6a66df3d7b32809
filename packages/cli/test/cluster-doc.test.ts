import { execFile } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { outsideSample, skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { expect, test } from "vitest";
import { withoutShell } from "./support/run-ozx.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const temp = tempFolder();
const run = promisify(execFile);

test(
  "the array of docs/cluster.md packs two images of one name, and each task says a line",
  skipFor(withoutShell("realpath")),
  async () => {
    const [, script = ""] =
      /```sh\n(#!\/bin\/bash.*?)```/s.exec(readFileSync(`${ROOT}/docs/cluster.md`, "utf8")) ?? [];
    writeFileSync(temp.path("array.sh"), script);
    writeFileSync(
      temp.path("ozx"),
      `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/packages/cli/bin/ozx.js" "$@"\n`,
    );
    chmodSync(temp.path("ozx"), 0o755);
    const inputs = ["day1/image.zarr", "day2/image.zarr"];
    for (const input of inputs)
      await writeSampleFolder(temp.path(input), { size: { c: 1, z: 1, y: 64, x: 64 } });
    writeFileSync(temp.path("images.txt"), `${[...inputs, "nowhere.zarr"].join("\n")}\n`);
    const task = (id: number) =>
      run("bash", ["array.sh"], {
        cwd: temp.path(),
        env: {
          ...process.env,
          PATH: `${temp.path()}:${process.env["PATH"]}`,
          SLURM_ARRAY_TASK_ID: String(id),
          SLURM_CPUS_PER_TASK: "1",
        },
      });
    for (const [index, input] of inputs.entries()) {
      const { stdout, stderr } = await task(index + 1);
      const output = `packed${temp.path(input).replace(/\.zarr$/, ".ozx")}`;
      expect(existsSync(temp.path(output))).toBe(true);
      expect(stdout + stderr).toContain("image.ozx");
    }
    expect((await task(2)).stdout).toMatch(/day2\/image\.ozx exists: nothing to do\n$/);
    await expect(task(3)).rejects.toMatchObject({ code: 3 });
  },
);

test(
  "examples/cluster/parallel.sh gives the bytes of one command, and can be run again",
  skipFor(outsideSample() ?? withoutShell("parallel", "seq")),
  async () => {
    writeFileSync(
      temp.path("ozx"),
      `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/packages/cli/bin/ozx.js" "$@"\n`,
    );
    chmodSync(temp.path("ozx"), 0o755);
    await writeSampleFolder(temp.path("plate.zarr"), { size: { c: 2, z: 2, y: 300, x: 300 }, chunk: 64 });
    const env = { ...process.env, PATH: `${temp.path()}:${process.env["PATH"]}` };
    const example = `${ROOT}/examples/cluster/parallel.sh`;
    await run("bash", [example, "plate.zarr", "plate.ozx", "3", "--codec", "zstd"], {
      cwd: temp.path(),
      env,
    });
    await run(temp.path("ozx"), ["convert", "plate.zarr", "one.ozx", "--codec", "zstd"], {
      cwd: temp.path(),
    });
    expect(readFileSync(temp.path("plate.ozx")).equals(readFileSync(temp.path("one.ozx")))).toBe(true);
    expect(existsSync(temp.path("plate.plan.json"))).toBe(false);
  },
);
