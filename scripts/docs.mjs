// @ts-check
// Checks the links of all Markdown files, and writes the pages and the API reference: npm run docs
import { relative } from "node:path";
import { checkLinks } from "./lib/check-links.mjs";
import { listedFiles } from "./lib/listed-files.mjs";
import { root } from "./lib/paths.mjs";
import { ensureInstalled } from "./lib/ready.mjs";
import { main, step } from "./lib/step.mjs";

await main(async () => {
  await ensureInstalled();
  const files = markdownFiles();
  let faults = 0;
  /** @param {readonly string[]} lines */
  const show = (lines) => {
    faults += lines.length;
    if (lines.length > 0) console.error(lines.map((line) => `  ${line}\n`).join(""));
  };
  await step(`Checking the links of ${files.length} Markdown files`, async () => {
    show((await checkLinks(root, files)).faults);
  });
  let written = "";
  await step("Writing the API reference", async () => {
    // Loaded here, as it needs what has been installed.
    const { writeReference } = await import("./lib/reference.mjs");
    const reference = await writeReference(files.filter(isPage));
    written = relative(root, reference.folder);
    show(reference.faults);
  });
  console.log(`\n${written}/index.html`);
  if (faults === 0) return;
  console.error(`\nLinks that lead nowhere, and exports without a description: ${faults}`);
  process.exitCode = 1;
});

/** Those that are part of the repository, or new and not ignored; with `/`. */
function markdownFiles() {
  return listedFiles("*.md").sort();
}

/** @param {string} file whether it is shown beside the reference; `docs/README.md` is its first page */
function isPage(file) {
  return !/^(\.|README\.md$|docs\/README\.md$)|CHANGELOG\.md$/.test(file);
}
