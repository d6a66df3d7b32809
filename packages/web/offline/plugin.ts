import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** A Vite plugin that writes `service-worker.js` with the names of all files of the built page, which it caches. */
export function offlinePage(): Plugin {
  let publicFolder = "";
  return {
    name: "offline-page",
    apply: "build",
    configResolved(config) {
      publicFolder = config.publicDir;
    },
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const hash = createHash("sha256");
        const files: string[] = [];
        for (const [name, part] of Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1))) {
          if (name.endsWith(".map")) continue;
          files.push(name);
          hash.update(part.type === "chunk" ? part.code : part.source);
        }
        for (const name of readdirSync(publicFolder).sort()) {
          files.push(name);
          hash.update(readFileSync(join(publicFolder, name)));
        }
        const template = readFileSync(fileURLToPath(new URL("./service-worker.js", import.meta.url)), "utf8");
        const source = template
          .replace("__FILES__", () => JSON.stringify(files, null, 2))
          .replace("__CACHE__", JSON.stringify(`ozx-${hash.digest("hex").slice(0, 16)}`));
        this.emitFile({ type: "asset", fileName: "service-worker.js", source });
      },
    },
  };
}
