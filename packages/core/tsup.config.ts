import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    "node/index": "src/node/index.ts",
    "codecs/index": "src/codecs/index.ts",
    "codecs/register": "src/codecs/register.ts",
    // Started by files beside them, so they must lie next to what starts them.
    "node/chunk-thread": "src/node/threads/chunk-thread.ts",
    "node/file-thread": "src/node/folder/file-thread.ts",
  },
  format: "esm",
  target: "es2022",
  platform: "neutral",
  external: [/^node:/],
  dts: {
    entry: {
      index: "src/index.ts",
      "node/index": "src/node/index.ts",
      "codecs/index": "src/codecs/index.ts",
      "codecs/register": "src/codecs/register.ts",
    },
  },
  sourcemap: true,
  clean: true,
});
