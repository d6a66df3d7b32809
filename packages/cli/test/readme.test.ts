import { execFile } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { createPlate } from "ozx";
import { beforeAll, expect, test } from "vitest";
import { runOzx, withoutShell } from "./support/run-ozx.js";

const temp = tempFolder();
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);

/** The blocks of a language in a text of Markdown. */
function blocksOf(path: string, language: string): string[] {
  const text = readFileSync(`${ROOT}/${path}`, "utf8");
  return Array.from(
    text.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs")),
    ([, code = ""]) => code,
  );
}

/** The commands of ozx that need no server, as they are typed. */
function commandsOf(path: string): string[] {
  return blocksOf(path, "sh")
    .flatMap((block) => block.split("\n"))
    .filter((line) => /^ozx (?!view)/.test(line) && !/https?:|s3:/.test(line))
    .map((line) => line.replace(/\s+#.*$/, ""));
}

/** What a reader has: the image of the demo, a zip of it that another tool made, a plate. */
async function prepare(folder: string): Promise<void> {
  mkdirSync(temp.path(folder));
  const at = (name: string): string => temp.path(folder, name);
  await writeSampleFolder(at("image.zarr"), { version: "0.4", codec: "blosc" });
  await runOzx(["convert", "--quiet", at("image.zarr"), at("image.ozx")]);
  copyFileSync(at("image.ozx"), at("foreign.zip"));
  const plate = await createPlate(at("plate.ozx"), { rows: ["A", "B"], columns: ["1", "2", "3"] });
  const field = await plate.createField("B/3", { axes: ["y", "x"], shape: [80, 90], dtype: "uint8" });
  await field.write({}, new Uint8Array(80 * 90).fill(7));
  await plate.close();
}

beforeAll(async () => {
  for (const folder of ["root", "cli"]) await prepare(folder);
});

test.each([
  ["root", "README.md"],
  ["cli", "packages/cli/README.md"],
])(
  "every command of the README in %s does as it is typed, one after the other",
  async (folder, path) => {
    const commands = commandsOf(path);
    expect(commands.length).toBeGreaterThan(4);
    // The first of them makes it.
    rmSync(temp.path(folder, "image.ozx"));
    for (const command of commands) {
      const [, ...args] = command.split(/\s+/);
      const done = await runOzx(args, { cwd: temp.path(folder) });
      expect(done.code, `${command}\n${done.stderr}${done.stdout}`).toBe(0);
    }
  },
  120_000,
);

test("every script of the READMEs runs as it is typed", async () => {
  const folder = temp.path("root");
  symlinkSync(`${ROOT}/examples/dataloader/node_modules`, `${folder}/node_modules`);
  const scripts = ["README.md", "packages/cli/README.md"].flatMap((path) => blocksOf(path, "js"));
  writeFileSync(`${folder}/worker.mjs`, scripts.find((script) => script.includes("workerData }")) ?? "");
  const inNode = scripts.filter((script) => script.includes('"ozx"') && !script.includes("reopen("));
  expect(inNode.length).toBeGreaterThan(4);
  for (const [k, script] of inNode.entries()) {
    writeFileSync(`${folder}/script-${k}.mjs`, script);
    await run(process.execPath, [`script-${k}.mjs`], { cwd: folder });
  }
  expect((await runOzx(["validate", `${folder}/out.ozx`])).code).toBe(0);
}, 120_000);

test(
  "the array of jobs ends as it is said to, however often it is submitted",
  skipFor(withoutShell()),
  async () => {
    const folder = temp.path("jobs");
    mkdirSync(`${folder}/bin`, { recursive: true });
    const [script = ""] = blocksOf("docs/cluster.md", "sh");
    writeFileSync(`${folder}/pack.sh`, script);
    writeFileSync(`${folder}/images.txt`, `nowhere.zarr\n${temp.path("cli", "image.zarr")}\n`);
    const bin = `#!/bin/sh\nexec ${process.execPath} ${ROOT}/packages/cli/bin/ozx.js "$@"\n`;
    writeFileSync(`${folder}/bin/ozx`, bin, { mode: 0o755 });
    const submit = (task: number): Promise<unknown> =>
      run("bash", ["pack.sh"], {
        cwd: folder,
        env: {
          ...process.env,
          PATH: `${folder}/bin:${process.env["PATH"]}`,
          SLURM_ARRAY_TASK_ID: String(task),
          SLURM_CPUS_PER_TASK: "2",
        },
      });
    await submit(2);
    expect(existsSync(`${folder}/packed/image.ozx`)).toBe(true);
    await submit(2);
    await expect(submit(1)).rejects.toMatchObject({ code: 3 });
  },
);

test("a clone that was not built says so in one sentence", async () => {
  mkdirSync(temp.path("clone"));
  writeFileSync(temp.path("clone", "package.json"), '{ "type": "module" }');
  cpSync(`${ROOT}/packages/cli/bin`, temp.path("clone", "bin"), { recursive: true });
  await expect(run(process.execPath, [temp.path("clone", "bin", "ozx.js")])).rejects.toMatchObject({
    code: 70,
    stderr: expect.stringMatching(/^ozx: this clone has not been built yet: run npm run demo [^\n]*\n$/),
  });
});
