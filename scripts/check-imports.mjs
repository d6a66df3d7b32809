// @ts-check
// Checks that imports go in one direction: node scripts/check-imports.mjs [folder that holds packages/]
import { checkImports } from "./lib/check-imports.mjs";
import { root } from "./lib/paths.mjs";

const { files, imports, faults } = await checkImports(process.argv[2] ?? root);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  console.error(`\nImports that go the wrong way: ${faults.length}. CONTRIBUTING.md has the map.`);
  process.exitCode = 1;
} else {
  console.log(`${imports} imports in ${files} files go the right way`);
}
