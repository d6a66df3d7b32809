import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    "node/index": "src/node/index.ts",
    // Started by a file beside it, so it must lie next to what starts it.
    "node/chunk-thread": "src/node/chunk-thread.ts",
  },
  format: "esm",
  target: "es2022",
  platform: "neutral",
  external: [/^node:/],
  dts: { entry: { index: "src/index.ts", "node/index": "src/node/index.ts" } },
  sourcemap: true,
  clean: true,
});
