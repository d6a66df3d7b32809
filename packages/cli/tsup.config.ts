import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    main: "src/main.ts",
    "image-thread": "src/convert/image-thread.ts",
  },
  format: "esm",
  target: "node20",
  platform: "node",
  sourcemap: true,
  clean: true,
  // What `ozx view` serves is shipped with the command; turbo.json has it built before.
  onSuccess: async () => {
    const page = fileURLToPath(new URL("../web/dist", import.meta.url));
    if (!existsSync(page)) return;
    const filter = (path: string): boolean => !path.endsWith(".map");
    await cp(page, fileURLToPath(new URL("dist/page", import.meta.url)), { recursive: true, filter });
  },
});
