import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { outsideSample, skipFor } from "@ozx/testing";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleForBrowser } from "../../../../scripts/lib/bundle-for-browser.mjs";
import { packProject } from "../../../../scripts/lib/packed-project.mjs";
import { inRoot } from "../../../../scripts/lib/paths.mjs";
import "../../../../scripts/test/all-sources.mjs";

// What users get, of what is built: `npm run build` comes before.
const MINUTES = 180_000;
/** Of all that a browser can import, gzipped, without what is loaded when it is needed. */
const CEILING = 256_000;

const run = promisify(execFile);
let project: Awaited<ReturnType<typeof packProject>>;

beforeAll(async () => {
  project = await packProject();
}, MINUTES);

afterAll(() => project?.remove());

const WITH_ZARRITA = 'export { openOzx } from "@ozx/store-zip"; export { get, open } from "zarrita";';

/** Compares sizes in kB with measured ones in bytes: code that changes a little need not change what is said of it. */
function expectAsSaid(said: readonly (readonly (string | undefined)[])[], bytes: readonly number[][]): void {
  expect(said.map((row) => row.length)).toEqual(bytes.map((row) => row.length));
  const off = bytes.flatMap((row, at) =>
    row.filter((measured, column) => Math.abs(measured / 1000 / Number(said[at]?.[column]) - 1) > 0.03),
  );
  expect(off, `of ${JSON.stringify(bytes)}, the README says something else`).toEqual([]);
}

/** All that can be imported, or what of it runs in a browser. */
function doors({ browser = false } = {}): string[] {
  const all = project.packages.flatMap((one) => one.doors);
  return browser ? all.filter((door) => door !== "ozx" && !door.endsWith("/node")) : all;
}

/** A module that exports all of some doors. */
function exportAll(from: readonly string[]): string {
  return from.map((door, index) => `export * as door${index} from "${door}";\n`).join("");
}

test("a package has what was built, its source, a README and the licences, and nothing else", () => {
  for (const { name, files } of project.packages) {
    expect(files, name).toEqual(expect.arrayContaining(["README.md", "LICENSE", "dist/index.d.ts"]));
    const known =
      /^(bin\/|completions\/|dist\/|man\/|src\/|(README|CHANGELOG|THIRD-PARTY-LICENSES)\.md$|LICENSE$|package\.json$)/;
    expect(files.filter((path) => !known.test(path), name)).toEqual([]);
  }
});

describe("in a browser", () => {
  test("everything but the doors for Node runs, and is small", skipFor(outsideSample()), async () => {
    for (const door of doors({ browser: true })) {
      const { gzipped } = await bundleForBrowser(exportAll([door]), project.folder);
      process.stdout.write(`all of ${door} in a browser: ${gzipped} bytes gzipped\n`);
    }
    const all = await bundleForBrowser(exportAll(doors({ browser: true })), project.folder);
    process.stdout.write(`all of them: ${all.gzipped} bytes gzipped; codecs when needed: ${all.later}\n`);
    expect(all.code).not.toMatch(/\b(from|import|require)\s*\(?\s*["']node:/);
    expect(all.gzipped).toBeLessThan(CEILING);
  });

  test.each([
    ["isOzxError", 1000, 'export { isOzxError } from "@ozx/core";'],
    ["openOzx", 25_500, 'export { openOzx } from "@ozx/store-zip";'],
  ])("a page that imports %s gets that and no more than of the source", async (name, ceiling, code) => {
    const packed = await bundleForBrowser(code, project.folder);
    const source = await bundleForBrowser(code, inRoot("packages/cli"), { conditions: ["@ozx/source"] });
    process.stdout.write(`${name} alone: ${packed.gzipped} bytes gzipped, ${source.gzipped} of the source\n`);
    expect(packed.gzipped).toBeLessThan(ceiling);
    expect(packed.gzipped).toBeLessThan(source.gzipped * 1.02);
  });

  test("a page loads what the README says, and a codec when an array needs it", async () => {
    const readme = readFileSync(inRoot("README.md"), "utf8");
    const numbers = Array.from(
      readme.matchAll(/^\|.*\d+ kB.*$/gm),
      ([row]) => row.match(/\d+(?= kB)/g) ?? [],
    );
    const store = await bundleForBrowser('export { openOzx } from "@ozx/store-zip";', project.folder);
    // As `npm install @ozx/store-zip @ozx/core zarrita` does.
    const zarrita = realpathSync(inRoot("packages/core/node_modules/zarrita"));
    symlinkSync(zarrita, join(project.folder, "node_modules/zarrita"), "junction");
    const both = await bundleForBrowser(WITH_ZARRITA, project.folder);
    const whole = await bundleForBrowser(WITH_ZARRITA, project.folder, { splitting: false });
    const measured = [[store.gzipped], [both.gzipped, both.later], [whole.gzipped]];
    process.stdout.write(`what the README says: ${JSON.stringify(measured)} bytes gzipped\n`);
    expectAsSaid(numbers, measured);
    const inPackage = readFileSync(inRoot("packages/store-zip/README.md"), "utf8");
    const [, one, split] = /some (\d+) kB gzipped\s+instead of (\d+) kB/.exec(inPackage) ?? [];
    expectAsSaid([[one, split]], [[whole.gzipped, both.gzipped]]);
  });

  test("a builtin of Node would be noticed", async () => {
    const bundle = bundleForBrowser('export * from "@ozx/core/node";', project.folder);
    await expect(bundle).rejects.toThrow('Could not resolve "node:');
  });

  test("errors keep their names where a bundler shortens those of classes", async () => {
    const { outputFiles } = await build({
      stdin: {
        contents:
          'import { NotFoundError } from "@ozx/core"; console.log(String(new NotFoundError("no", {})));',
        resolveDir: project.folder,
      },
      ...{ bundle: true, minify: true, format: "esm", platform: "neutral", write: false },
    });
    const code = outputFiles[0]?.text ?? "";
    expect(code).not.toContain("class NotFoundError");
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code]);
    expect(stdout).toBe("NotFoundError: no\n");
  });
});

describe("in Node", () => {
  test("every door of a library opens the few files that are made for Node", async () => {
    const libraries = doors().filter((door) => door !== "ozx");
    const code = `for (const door of ${JSON.stringify(libraries)}) {
      console.log(import.meta.resolve(door));
      await import(door);
    }`;
    writeFileSync(join(project.folder, "resolve.mjs"), code);
    const { stdout } = await run(process.execPath, ["resolve.mjs"], { cwd: project.folder });
    const opened = stdout.trim().split("\n");
    expect(opened).toHaveLength(libraries.length);
    expect(opened.filter((url) => !url.includes("/dist/bundled/"))).toEqual([]);
  });

  test("files that are started as threads or handed to them lie where they are looked for", () => {
    const missing: string[] = [];
    const found: string[] = [];
    for (const { folder, files } of project.packages) {
      for (const path of files.filter((file) => file.startsWith("dist/") && file.endsWith(".js"))) {
        const file = join(folder, path);
        for (const [, beside = ""] of readFileSync(file, "utf8").matchAll(BESIDE)) {
          (existsSync(join(dirname(file), beside)) ? found : missing).push(`${path}: ${beside}`);
        }
      }
    }
    expect(missing).toEqual([]);
    expect(found.join("\n")).toMatch(/bundled\/.*-thread\.js/);
  });

  test.each([["bundled/node.js"], ["node/index.js"]])(
    "threads find the format of an archive by what dist/%s says of it",
    async (path) => {
      const code = `const { ozxFormat } = await import("./node_modules/@ozx/store-zip/dist/${path}");
      const { href, name } = ozxFormat.module;
      console.log((await import(href))[name].id === ozxFormat.id);`;
      writeFileSync(join(project.folder, "format.mjs"), code);
      const { stdout } = await run(process.execPath, ["format.mjs"], { cwd: project.folder });
      expect(stdout).toBe("true\n");
    },
  );
});

/** A file or folder beside the one that names it. */
const BESIDE = /new URL\("(\.\/[^"]+)", import\.meta\.url\)/g;

describe("types", skipFor(outsideSample()), () => {
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };
  const language = { target: "ES2022", lib: ["ES2022", "DOM"] };

  test("compile in a page's project, and those of zarrita with them", { timeout: MINUTES }, async () => {
    const resolution = { module: "ESNext", moduleResolution: "Bundler", types: [] };
    const code = exportAll(doors({ browser: true }));
    expect(await compile("page", code, { ...strict, ...language, ...resolution })).toEqual([]);
  });

  test("compile in a project for Node, which can use `await using`", { timeout: MINUTES }, async () => {
    const types = join(project.folder, "node_modules/@types");
    mkdirSync(types);
    symlinkSync(realpathSync(inRoot("node_modules/@types/node")), join(types, "node"), "junction");
    const code = `${exportAll(doors())}
      import { openOmeZarr } from "ozx";
      export async function kindOf(path: string): Promise<string> {
        await using node = await openOmeZarr(path);
        return node.kind;
      }\n`;
    const options = { ...strict, ...language, module: "NodeNext", types: ["node"] };
    const errors = await compile("node", code, options);
    // Declarations of numcodecs and unzipit, which zarrita imports, are not made for this resolution.
    expect(errors.filter((error) => /^(node_modules\/(ozx|@ozx)\/|node\.ts)/.test(error))).toEqual([]);
  });

  /** The errors that a module has in the user's project, a line each. */
  async function compile(name: string, code: string, compilerOptions: object): Promise<string[]> {
    writeFileSync(join(project.folder, `${name}.ts`), code);
    const config = join(project.folder, `tsconfig.${name}.json`);
    writeFileSync(config, JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
    const tsc = [
      inRoot("packages/core/node_modules/typescript/bin/tsc"),
      "--project",
      config,
      "--pretty",
      "false",
    ];
    const { stdout } = await run(process.execPath, tsc, { cwd: project.folder }).catch(
      (error: { stdout: string }) => error,
    );
    return stdout.split("\n").filter((line) => line !== "");
  }
});
