// @ts-check
// Puts decoders, and an encoder, that are packages of npm into src: node packages/virtual/libraries/build.mjs
//
// As they are published, they look for a file of WebAssembly beside them, and for builtins of Node: bundlers for browsers
// fail over the one or the other. Here each becomes one module without imports. THIRD-PARTY-LICENSES.md has their licences.
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { zlibSync } from "fflate";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/**
 * @typedef {object} Library
 * @property {string} name of the generated file
 * @property {string} [folder] of it in src; that of the decoders by default
 * @property {string} package
 * @property {string} code the module that starts it
 * @property {string} wasm
 * @property {string} exports what is exported of the code
 * @property {string} [append] what is added to the code
 * @property {boolean} [isEmbedded] whether the WebAssembly is in the code, as base64
 */

/** @type {readonly Library[]} */
const LIBRARIES = [
  {
    name: "libjpeg-turbo",
    package: "@cornerstonejs/codec-libjpeg-turbo-8bit",
    code: "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs",
    wasm: "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm",
    exports: "default as create",
  },
  {
    name: "libjpeg-turbo-encoder",
    folder: "encode/generated",
    package: "@cornerstonejs/codec-libjpeg-turbo-8bit",
    code: "@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs",
    wasm: "@cornerstonejs/codec-libjpeg-turbo-8bit/wasm",
    exports: "default as create",
  },
  {
    name: "openjpeg",
    package: "@cornerstonejs/codec-openjpeg",
    code: "@cornerstonejs/codec-openjpeg/decodewasmjs",
    wasm: "@cornerstonejs/codec-openjpeg/decodewasm",
    exports: "default as create",
  },
  {
    name: "libwebp",
    package: "@jsquash/webp",
    code: "@jsquash/webp/codec/dec/webp_dec.js",
    wasm: "@jsquash/webp/codec/dec/webp_dec.wasm",
    exports: "default as create",
  },
  {
    name: "lerc",
    package: "lerc",
    // Its condition `import`, which `require.resolve` does not take.
    code: join(dirname(require.resolve("lerc/lerc-wasm.wasm")), "LercDecode.es.js"),
    wasm: "lerc/lerc-wasm.wasm",
    exports: "create, decode, initLercLib",
    // Its own `load` takes no WebAssembly that is there already, and starts only once.
    append: "export { Module as create, initLercLib };",
  },
  {
    name: "jpegxr",
    package: "jpegxr",
    code: require.resolve("jpegxr"),
    wasm: require.resolve("jpegxr"),
    exports: "default as create",
    isEmbedded: true,
  },
];

/** What makes a library look for its file, or for Node. */
const NOWHERE = Object.fromEntries(
  [
    ...["process", "globalThis.process", "window", "globalThis.window", "document"],
    ...["WorkerGlobalScope", "globalThis.WorkerGlobalScope", "importScripts", "__filename", "__dirname"],
  ].map((name) => [name, "undefined"]),
);

/**
 * The generated files by their paths.
 *
 * @returns {Promise<Map<string, string>>}
 */
export async function generate() {
  /** @type {[string, string][]} */
  const files = [];
  for (const library of LIBRARIES) {
    const { name, folder = "decode/pictures/generated" } = library;
    const path = join(here, "..", "src", folder, `${name}.generated.ts`);
    files.push([path, await moduleOf(library)]);
  }
  return new Map(files);
}

/** WebAssembly in code, which starts as all of it does: `\0asm`. */
const EMBEDDED = /(?<=data:application\/octet-stream;base64,)AGFzb[A-Za-z0-9+/=]*/;

/** @param {Library} library */
async function moduleOf({ package: name, code, wasm, exports, append = "", isEmbedded = false }) {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${exports} } from ${JSON.stringify(code)};`, resolveDir: here },
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    format: "esm",
    target: "es2022",
    charset: "ascii",
    legalComments: "none",
    define: { ...NOWHERE, "import.meta.url": '"file:///nowhere/"' },
    plugins: [
      {
        name: "one-module",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^(fs|path|url|module)$/ }, ({ path }) => ({ path, namespace: "nothing" }));
          onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "" }));
          onLoad({ filter: /\.js$/ }, async ({ path }) => ({
            contents: `${(await readFile(path, "utf8")).replace(EMBEDDED, "")}\n${path === code ? append : ""}`,
          }));
        },
      },
    ],
  });
  const { version, license } = JSON.parse(readFileSync(manifestOf(wasm, name), "utf8"));
  const file = readFileSync(require.resolve(wasm));
  const bytes = isEmbedded ? Buffer.from(EMBEDDED.exec(file.toString("latin1"))?.[0] ?? "", "base64") : file;
  const packed = Buffer.from(zlibSync(bytes, { level: 9 })).toString("base64");
  // Without the sign, TypeScript would read a comparison as a call with type arguments.
  const text = (outputFiles[0]?.text ?? "").replace(/(<[\w$]+>)\(/g, "$1+(");
  return `// @ts-nocheck
// Generated from ${name} ${version} (${license}) by packages/virtual/libraries/build.mjs. Its licences are in
// packages/virtual/THIRD-PARTY-LICENSES.md.
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
/** The bytes of its WebAssembly. */
export const WASM_BYTES = ${bytes.length};
/** Its WebAssembly, as zlib in base64. */
export const WASM =
  "${packed}";
${text}`;
}

/**
 * A package that exports no `package.json` has one beside what it exports, or above.
 *
 * @param {string} file
 * @param {string} name
 */
function manifestOf(file, name) {
  const path = require.resolve(file);
  const root = path.slice(0, path.lastIndexOf(join("node_modules", name)));
  return join(root, "node_modules", name, "package.json");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of await generate()) await writeFile(path, text);
}
