// @ts-check
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { inRoot } from "./paths.mjs";

/**
 * What can be imported of the packages that are published, but for doors called `internal`, which are for the other
 * packages of the project only.
 *
 * @returns {Promise<{ name: string, package: string, source: string }[]>} the name as in `@ozx/core/node`, the package
 *   as in `@ozx/core`, and the source file as in `packages/core/src/node/index.ts`; sorted by name
 */
export async function doors() {
  const found = [];
  for (const folder of await readdir(inRoot("packages"))) {
    const file = inRoot(`packages/${folder}/package.json`);
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(await readFile(file, "utf8"));
    if (manifest.private === true) continue;
    for (const [door, target] of Object.entries(manifest.exports)) {
      const source = typeof target === "string" ? undefined : target["@ozx/source"];
      if (source === undefined || door.split("/").includes("internal")) continue;
      found.push({
        name: manifest.name + door.slice(1),
        package: manifest.name,
        source: `packages/${folder}/${source.replace("./", "")}`,
      });
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
