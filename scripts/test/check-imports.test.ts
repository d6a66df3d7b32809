import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkImports } from "../lib/check-imports.mjs";
import "./all-sources.mjs";

const script = fileURLToPath(new URL("../check-imports.mjs", import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ozx-imports-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Writes a tree of the given files. */
function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, "packages", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function runScript(...args: string[]) {
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
}

test("a wrong import ends the script with a list", () => {
  write({ "core/src/bytes/a.ts": "\nimport 'fs';\n", "core/src/zarr/b.ts": 'import "../ome/a.js";' });
  const { status, stderr } = runScript(folder);
  expect(
    stderr,
  ).toBe(`packages/core/src/bytes/a.ts:2  imports "fs": Node's builtins are for the folders called node, cli and testing
packages/core/src/zarr/b.ts:1  imports "../ome/a.js": core/zarr must not import core/ome

Imports that go the wrong way: 2. CONTRIBUTING.md has the map.
`);
  expect(status).toBe(1);
});

test("imports downwards and within a folder pass", async () => {
  write({
    "core/src/zarr/a.ts": 'import type { Store } from "../store/store.js";\nexport { b } from "./b.js";',
    "core/src/node/read/a.ts":
      'import { open } from "node:fs/promises";\nimport "../system/a.js";\nimport "../../index.js";',
    "store-zip/src/rfc9/a.ts": 'import { x } from "@ozx/core";\nimport "../read/a.js";\nimport "fflate";',
    "cli/src/main.ts": 'import "@ozx/core/node";\nimport "@ozx/store-zip";\nimport "fs";',
  });
  expect(await checkImports(folder)).toEqual({ files: 4, imports: 11, faults: [] });
});

const wrong: [file: string, text: string, reason: string][] = [
  ["core/src/store/a.ts", 'import "@ozx/store-zip";', "core must not import store-zip"],
  ["core/src/store/a.ts", 'import type { A } from "../zarr/a.js";', "core/store must not import core/zarr"],
  ["core/src/bytes/a.ts", 'export * from "../store/a.js";', "core/bytes must not import core/store"],
  ["core/src/zarr/a.ts", 'import "../ome/a.js";', "core/zarr must not import core/ome"],
  ["core/src/ome/a.ts", 'await import("../open/a.js");', "core/ome must not import core/open"],
  ["core/src/open/a.ts", 'import "@ozx/convert";', "core must not import convert"],
  ["store-zip/src/repair/a.ts", 'import "@ozx/convert";', "store-zip must not import convert"],
  ["convert/src/plan/a.ts", 'import "@ozx/store-zip";', "convert must not import store-zip"],
  ["convert/src/chunks/a.ts", 'import "../plan/a.js";', "convert/chunks must not import convert/plan"],
  [
    "convert/src/plan/a.ts",
    'import "@ozx/core/internal/node";',
    "Node's builtins are for the folders called node",
  ],
  ["core/src/index.ts", 'export * from "./node/a.js";', "core/index must not import core/node"],
  ["core/src/errors.ts", 'type A = import("./ome/a.js").A;', "core/errors must not import core/ome"],
  ["core/src/node/read/a.ts", 'import "../open/a.js";', "core/node/read must not import core/node/open"],
  [
    "core/src/zarr/a.ts",
    'import "node:fs";',
    "Node's builtins are for the folders called node, cli and testing",
  ],
  [
    "store-zip/src/read/a.ts",
    'import "zlib";',
    "Node's builtins are for the folders called node, cli and testing",
  ],
  [
    "store-zip/src/write/a.ts",
    'import "@ozx/core/node";',
    "Node's builtins are for the folders called node, cli and testing",
  ],
  ["store-zip/src/read/a.ts", 'import "../write/a.js";', "store-zip/read must not import store-zip/write"],
  ["store-zip/src/write/a.ts", 'import "../read/a.js";', "store-zip/write must not import store-zip/read"],
  ["store-zip/src/write/a.ts", 'import "../rfc9/a.js";', "store-zip/write must not import store-zip/rfc9"],
  [
    "store-zip/src/records/a.ts",
    'import "../directory/a.js";',
    "store-zip/records must not import store-zip/directory",
  ],
  [
    "store-zip/src/directory/a.ts",
    'import "../read/a.js";',
    "store-zip/directory must not import store-zip/read",
  ],
  ["store-zip/src/read/a.ts", 'import "@ozx/store-tiff";', "store-zip must not import store-tiff"],
  ["store-zip/src/read/a.ts", 'import "ozx";', "store-zip must not import cli"],
  ["cli/src/a.ts", 'import "@ozx/web";', "cli must not import web"],
  ["cli/src/a.ts", 'import "@ozx/testing";', "cli must not import testing"],
  [
    "cli/src/a.ts",
    'import "../../core/src/errors.js";',
    "a relative import must stay within its package's src",
  ],
  ["core/src/cellar/a.ts", 'import "../errors.js";', "core/cellar has no rule yet"],
  ["attic/src/a.ts", 'import "@ozx/core";', "attic has no rule yet"],
];

test.each(wrong)("%s: %s is caught", async (file, text, reason) => {
  write({ [file]: text });
  const { faults } = await checkImports(folder);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(`packages/${file}:1  imports `);
  expect(faults[0]).toContain(reason);
});

test("a folder without a rule is named once", async () => {
  write({ "core/src/cellar/a.ts": 'import "../errors.js";\nimport "../bytes/a.js";' });
  expect((await checkImports(folder)).faults).toHaveLength(1);
});

test("files that import each other in a circle are named", async () => {
  write({
    "core/src/zarr/a.ts": 'import type { B } from "./b.js";',
    "core/src/zarr/b.ts": 'import "./c.js";',
    "core/src/zarr/c.ts": 'import "./a.js";',
    "core/src/zarr/d.ts": 'import "./a.js";',
  });
  const { faults } = await checkImports(folder);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(
    "packages/core/src/zarr/a → core/src/zarr/b → core/src/zarr/c → core/src/zarr/a: ",
  );
});

test("a folder without source is not taken for a clean one", async () => {
  write({ "README.md": "" });
  expect((await checkImports(folder)).faults.join()).toContain("holds no source file");
});
