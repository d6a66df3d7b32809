// Writes the project's sample image as a folder: node scripts/make-sample.mjs OUT.zarr [--version 0.4] …
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const entry = fileURLToPath(new URL("../packages/testing/src/make-sample.ts", import.meta.url));
const { outputFiles } = await build({
  entryPoints: [entry],
  bundle: true,
  platform: "node",
  format: "esm",
  conditions: ["@ozx/source"],
  write: false,
  logLevel: "error",
});

// Bundled in memory, so nothing has to be built, and nothing is left behind.
const code = Buffer.from(outputFiles[0].contents).toString("base64");
const { makeSample, MAKE_SAMPLE_USAGE } = await import(`data:text/javascript;base64,${code}`);

try {
  const folder = await makeSample(process.argv.slice(2));
  console.log(folder);
} catch (error) {
  console.error(`${error.message}\n\n${MAKE_SAMPLE_USAGE}`);
  process.exitCode = 2;
}
