// @ts-check
// Publishes the packages whose version npm does not have yet: npm run release, in .github/workflows/release.yml
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { inRoot } from "./lib/paths.mjs";
import { ensureBuilt, ensureInstalled } from "./lib/ready.mjs";
import { runNode } from "./lib/run.mjs";
import { main, step } from "./lib/step.mjs";

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  await step("Naming the repository in each package", nameRepository);
  // The action reads from its output which packages are new.
  await runNode("node_modules/@changesets/cli/bin.js", ["publish"]);
});

/**
 * npm accepts provenance only for packages that name the repository whose workflow publishes them. A fork that publishes
 * packages of its own names itself.
 */
async function nameRepository() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
  if (server === undefined || repository === undefined)
    throw new Error("releases are published by the workflow");
  for (const folder of await readdir(inRoot("packages"))) {
    const file = inRoot(`packages/${folder}/package.json`);
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(await readFile(file, "utf8"));
    if (manifest.private === true) continue;
    manifest.repository = {
      type: "git",
      url: `git+${server}/${repository}.git`,
      directory: `packages/${folder}`,
    };
    await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}
