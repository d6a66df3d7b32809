// @ts-check
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { inRoot } from "./paths.mjs";

/**
 * @typedef {object} Door
 * @property {string} name as in `@ozx/core/node`
 * @property {string} package as in `@ozx/core`
 * @property {string} source as in `packages/core/src/node/index.ts`
 * @property {boolean} isInternal whether it is for the other packages of the project only
 */

/**
 * What can be imported of the packages that are published, sorted by name.
 *
 * @returns {Promise<Door[]>}
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
      if (source === undefined) continue;
      found.push({
        name: manifest.name + door.slice(1),
        package: manifest.name,
        source: `packages/${folder}/${source.replace("./", "")}`,
        isInternal: door.split("/").includes("internal"),
      });
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
