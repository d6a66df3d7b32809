import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";
import { offlinePage } from "./offline/plugin.js";
import { contentSecurityPolicy } from "./policy/plugin.js";

const excluded = fileURLToPath(new URL("src/image/stage/excluded-libraries.ts", import.meta.url));

export default defineConfig({
  // Relative addresses, so that the page can be served from any folder.
  base: "./",
  plugins: [react(), contentSecurityPolicy(), offlinePage()],
  resolve: {
    conditions: ["@ozx/source", ...defaultClientConditions],
    alias: { wgsl_reflect: excluded, "lzw-tiff-decoder": excluded },
  },
  build: { target: "es2022", sourcemap: true, chunkSizeWarningLimit: 1500 },
  worker: { format: "es" },
});
