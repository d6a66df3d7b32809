import { execFile } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { createPlate } from "ozx";
import { beforeAll, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

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
    .filter((line) => /^ozx (?!view)/.test(line) && !/https?:|s3:|gs:/.test(line.replace(/\s+#.*$/, "")))
    .map((line) => line.replace(/\s+#.*$/, ""));
}

/** The paths that a shell makes of `*.zarr`. */
function expand(arg: string, folder: string): string[] {
  if (!arg.includes("*")) return [arg];
  const [start = "", end = ""] = arg.split("*");
  const names = readdirSync(join(folder, dirname(`${start}x`))).filter((name) => name.endsWith(end));
  return names.map((name) => `${start}${name}`);
}

/** A TIFF of one page: 64 × 64 numbers of 8 bits, in one strip. */
function smallTiff(): Uint8Array {
  const start = 122;
  const fields = [
    ...[
      [256, 64],
      [257, 64],
      [258, 8],
      [259, 1],
      [262, 1],
    ],
    ...[
      [273, start],
      [277, 1],
      [278, 64],
      [279, 64 * 64],
    ],
  ] as const;
  const file = Buffer.alloc(start + 64 * 64, 7);
  file.write("II*\0", "latin1");
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(fields.length, 8);
  for (const [k, [tag = 0, value = 0]] of fields.entries()) {
    const at = 10 + 12 * k;
    file.writeUInt16LE(tag, at);
    // Its type is long.
    file.writeUInt16LE(4, at + 2);
    file.writeUInt32LE(1, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  file.writeUInt32LE(0, start - 4);
  return file;
}

/** What a reader has: the image of the demo, a zip of it that another tool made, a damaged one, a plate. */
async function prepare(folder: string): Promise<void> {
  mkdirSync(temp.path(folder));
  const at = (name: string): string => temp.path(folder, name);
  await writeSampleFolder(at("image.zarr"), { version: "0.4", codec: "blosc" });
  await runOzx(["convert", "--quiet", at("image.zarr"), at("image.ozx")]);
  copyFileSync(at("image.ozx"), at("foreign.zip"));
  // Its end is missing; the folder could be damaged.
  writeFileSync(at("damaged.ozx"), readFileSync(at("image.ozx")).subarray(0, -100));
  cpSync(at("image.zarr"), at("damaged.zarr"), { recursive: true });
  writeFileSync(at("scan.ome.tif"), smallTiff());
  mkdirSync(at("wells"));
  for (const well of ["B03", "B04"]) copyFileSync(at("image.ozx"), at(`wells/${well}.ozx`));
  writeFileSync(
    at("layout.csv"),
    "path,row,column,field,acquisition\nimage.ozx,A,1,0,0\nwells/B03.ozx,A,1,1,0\n",
  );
  for (const day of ["day1", "day2"]) cpSync(at("image.zarr"), at(`${day}/a.zarr`), { recursive: true });
  const plate = await createPlate(at("plate.ozx"), { rows: ["A", "B"], columns: ["1", "2", "3"] });
  const field = await plate.createField("B/3", { axes: ["y", "x"], shape: [80, 90], dtype: "uint8" });
  await field.write({}, new Uint8Array(80 * 90).fill(7));
  await plate.close();
}

/** The pages whose commands and scripts are run, each in a folder of its own. */
const PAGES: readonly (readonly [folder: string, path: string])[] = [
  ["root", "README.md"],
  ["cli", "packages/cli/README.md"],
  ["start", "docs/getting-started.md"],
  ["command-line", "docs/command-line.md"],
  ["embedding", "docs/embedding.md"],
];

beforeAll(async () => {
  for (const [folder] of PAGES) await prepare(folder);
});

testSample(PAGES, 1)(
  "every command in %s does as it is typed, one after the other: %s",
  async ([folder, path]) => {
    const commands = commandsOf(path);
    // The pages pack it first.
    if (commands.some((command) => command === "ozx convert image.zarr image.ozx")) {
      rmSync(temp.path(folder, "image.ozx"));
    }
    for (const command of commands) {
      const [, ...args] = command.split(/\s+/);
      const done = await runOzx(
        args.flatMap((arg) => expand(arg, temp.path(folder))),
        { cwd: temp.path(folder) },
      );
      expect(done.code, `${command}\n${done.stderr}${done.stdout}`).toBe(0);
    }
  },
  { timeout: 120_000 },
);

testSample(PAGES, 1)(
  "every script in %s runs as it is typed: %s",
  async ([folder, path]) => {
    const scripts = blocksOf(path, "js");
    symlinkSync(`${ROOT}/examples/dataloader/node_modules`, temp.path(folder, "node_modules"));
    const worker = scripts.find((script) => script.includes("workerData }"));
    if (worker !== undefined) writeFileSync(temp.path(folder, "worker.mjs"), worker);
    const inNode = scripts.filter((script) => script.includes('"ozx"') && !script.includes("reopen("));
    for (const [k, script] of inNode.entries()) {
      writeFileSync(temp.path(folder, `script-${k}.mjs`), script);
      await run(process.execPath, [`script-${k}.mjs`], { cwd: temp.path(folder) });
    }
    if (!inNode.some((script) => script.includes('createImage("out.ozx"'))) return;
    expect((await runOzx(["validate", temp.path(folder, "out.ozx")])).code).toBe(0);
  },
  { timeout: 120_000 },
);

test("the pages have commands and scripts", () => {
  for (const [, path] of PAGES.slice(0, 4)) expect(commandsOf(path).length, path).toBeGreaterThan(4);
  expect(blocksOf("README.md", "js").length).toBeGreaterThan(3);
  expect(blocksOf("docs/embedding.md", "js").length).toBeGreaterThan(4);
});

test("a clone that was not built says so in one sentence", async () => {
  mkdirSync(temp.path("clone"));
  writeFileSync(temp.path("clone", "package.json"), '{ "type": "module" }');
  cpSync(`${ROOT}/packages/cli/bin`, temp.path("clone", "bin"), { recursive: true });
  await expect(run(process.execPath, [temp.path("clone", "bin", "ozx.js")])).rejects.toMatchObject({
    code: 70,
    stderr: expect.stringMatching(/^ozx: this clone has not been built yet: run npm run demo [^\n]*\n$/),
  });
});
