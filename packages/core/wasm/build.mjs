// Compiles wasm/assembly into the two files of src/codecs/engine that are generated: node packages/core/wasm/build.mjs
//   --check  compares them with what would be written, and fails where they differ
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

const NOTICE = `// Generated from packages/core/wasm/assembly by packages/core/wasm/build.mjs: change it there.
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
`;

/** Where memory is free for what the compiler places: CONSTANTS in assembly/layout.ts. */
const MEMORY_BASE = 0x38000;

/**
 * The generated files by their paths.
 *
 * @returns {Promise<Map<string, string>>}
 */
export async function generate() {
  const folder = await mkdtemp(join(tmpdir(), "ozx-wasm-"));
  try {
    const simd = await compile(folder, "simd", "--enable");
    await compile(folder, "plain", "--disable");
    const wasm2js = join(dirname(require.resolve("binaryen/package.json")), "bin", "wasm2js");
    await run(process.execPath, [
      wasm2js,
      join(folder, "plain.wasm"),
      "-all",
      "-O2",
      "-o",
      join(folder, "plain.js"),
    ]);
    const plain = await readFile(join(folder, "plain.js"), "utf8");
    const engine = join(here, "..", "src", "codecs", "engine");
    return new Map([
      [join(engine, "simd.generated.ts"), simdModule(simd)],
      [join(engine, "plain.generated.ts"), await plainModule(plain)],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {string} simd
 */
async function compile(folder, name, simd) {
  const asc = join(dirname(require.resolve("assemblyscript/package.json")), "bin", "asc.js");
  const out = join(folder, `${name}.wasm`);
  await run(
    process.execPath,
    [
      ...[asc, "assembly/index.ts", "-O3", "--runtime", "stub", "--noAssert", "--initialMemory", "16"],
      ...["--memoryBase", String(MEMORY_BASE), simd, "simd", "--outFile", out],
    ],
    { cwd: here },
  );
  return readFile(out);
}

/** @param {Buffer} wasm */
function simdModule(wasm) {
  const base64 = wasm.toString("base64");
  return `${NOTICE}/** The decoders as WebAssembly with SIMD, in base64: ${wasm.length} bytes. */\nexport const SIMD_WASM =\n  "${base64}";\n`;
}

/**
 * wasm2js makes a module of one instance; here it becomes a function that makes one.
 *
 * @param {string} source
 */
async function plainModule(source) {
  const body = source
    .replace(/^import \* as env from 'env';$/m, "")
    .replace(/\nvar retasmFunc = [\s\S]*$/, "\n");
  const wrapped = `export function instantiatePlain() {\n${body}\nreturn asmFunc({ env: { setTempRet0() {} } });\n}\n`;
  const { code } = await transform(wrapped, {
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "ascii",
  });
  // Without the sign, TypeScript would read a comparison as a call with type arguments.
  const unambiguous = code.replace(/(<[\w$]+>)\(/g, "$1+(");
  return `// @ts-nocheck\n${NOTICE}/** The decoders in plain JavaScript: the same source, for where WebAssembly or its SIMD is not allowed. */\n${unambiguous}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = [];
  for (const [path, text] of await generate()) {
    if (process.argv.includes("--check")) {
      if ((await readFile(path, "utf8").catch(() => "")) !== text) stale.push(path);
    } else {
      await writeFile(path, text);
    }
  }
  if (stale.length > 0) {
    throw new Error(
      `not what the source compiles to, run node packages/core/wasm/build.mjs: ${stale.join(", ")}`,
    );
  }
}
