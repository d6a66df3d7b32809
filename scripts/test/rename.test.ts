import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { isFullRun, tempFolder, writeSampleFolder } from "@ozx/testing";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { listedFiles } from "../lib/listed-files.mjs";
import { inRoot } from "../lib/paths.mjs";
import { renameProgram } from "../lib/rename.mjs";
import "./all-sources.mjs";

const temp = tempFolder();
// Written in parts, since a name that is a word of the repository is refused.
const NAME = ["zarr", "box"].join("");
const files = listedFiles().filter((file) => existsSync(inRoot(file)));
const at = (path: string): string => join(temp.path("clone"), path);

/** The suffix as a value of --as, and the word where it stands for the program; `.ozx` and what is called after it do not. */
const WITHOUT_DOT = /by\s+default\s+ozx|\bozx\s+zarr|["']ozx["'],\s+["']zarr["']|: ozx, zarr/g;
const OLD = /(?<![\w.-])ozx(?![\w]|-cli)|@ozx\b|_ozx\b|OZX_/;

/** But those that were installed and built here. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file));
}

beforeAll(async () => {
  for (const file of files) {
    mkdirSync(dirname(at(file)), { recursive: true });
    cpSync(inRoot(file), at(file));
  }
  await renameProgram(temp.path("clone"), files, NAME);
  // As pnpm links what is in the workspace.
  mkdirSync(at(`node_modules/@${NAME}`), { recursive: true });
  const folders = [
    "core",
    "convert",
    "store-zip",
    "store-tiff",
    "store-czi",
    "store-nd2",
    "store-lif",
    "virtual",
  ];
  for (const folder of folders) symlinkSync(at(`packages/${folder}`), at(`node_modules/@${NAME}/${folder}`));
  await build({
    entryPoints: [at("packages/cli/src/main.ts")],
    outdir: at("packages/cli/dist"),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    conditions: [`@${NAME}/source`],
    nodePaths: ["cli", ...folders].map((folder) => inRoot(`packages/${folder}/node_modules`)),
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    logLevel: "error",
  });
});

async function runRenamed(...args: string[]): Promise<string> {
  const script = at(`packages/cli/bin/${NAME}.js`);
  return (await promisify(execFile)(process.execPath, [script, ...args], { cwd: temp.path() })).stdout;
}

test("the command says its new name, and none but that", async () => {
  expect(await runRenamed("--version")).toMatch(new RegExp(`^${NAME} \\d`));
  const help = await runRenamed("--help");
  expect(help).toContain(`Usage: ${NAME} `);
  const all = readdirSync(inRoot("packages/cli/src/commands")).map((file) => file.slice(0, -3));
  const [verbs, shells] = isFullRun
    ? [all, ["bash", "zsh", "fish", "powershell"]]
    : [["convert", "register"], ["bash"]];
  const texts = [help, await runRenamed("manual")];
  for (const verb of verbs) texts.push(await runRenamed(verb, "--help"));
  for (const shell of shells) texts.push(await runRenamed("completion", shell));
  for (const text of texts) {
    expect(text).toContain(NAME);
    // The suffix stays: --as takes it without its dot.
    expect(text.replaceAll(WITHOUT_DOT, "")).not.toMatch(OLD);
  }
});

test("files are what they were: .ozx", async () => {
  await writeSampleFolder(temp.path("cells.zarr"), {
    size: { c: 1, z: 1, y: 64, x: 64 },
    levels: 1,
    version: "0.5",
  });
  await runRenamed("convert", "cells.zarr", "--out-dir", "packed", "--as", "ozx");
  expect(await runRenamed("validate", "packed/cells.ozx")).toContain("conforms");
});

test("packages, templates and packaging have the new name", () => {
  for (const folder of [
    "cli",
    "core",
    "convert",
    "store-zip",
    "store-tiff",
    "store-czi",
    "store-nd2",
    "store-lif",
    "virtual",
  ]) {
    const manifest = readFileSync(at(`packages/${folder}/package.json`), "utf8");
    expect(JSON.parse(manifest).name).toBe(folder === "cli" ? NAME : `@${NAME}/${folder}`);
    expect(manifest.replace(/"keywords": \[[^\]]*\]/, "")).not.toMatch(OLD);
  }
  for (const file of files.filter((path) => /^(packaging|examples\/cluster)\//.test(path))) {
    const renamed = at(file.replaceAll(/(?<=\/)ozx\b/g, NAME));
    expect(readFileSync(renamed, "utf8").replaceAll("{zarr,ozx,zip", ""), file).not.toMatch(OLD);
  }
});

test("given its old name again, every file is as it was", async () => {
  await renameProgram(temp.path("clone"), filesIn(temp.path("clone")), "ozx");
  for (const file of files)
    expect(readFileSync(at(file)).equals(readFileSync(inRoot(file))), file).toBe(true);
});

test.each(["ozx", "Ozx2", "a-b", "", "zarr"])("%j cannot be the name", async (name) => {
  await expect(renameProgram(temp.path("clone"), files, name)).rejects.toThrow(`${name} cannot be the name`);
});
