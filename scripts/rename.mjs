// @ts-check
// Gives the command and the packages another name, in every file: node scripts/rename.mjs NAME
import { listedFiles } from "./lib/listed-files.mjs";
import { root } from "./lib/paths.mjs";
import { programName, renameProgram } from "./lib/rename.mjs";

const [name] = process.argv.slice(2);
const old = programName(root);
if (name === undefined) {
  console.error("the new name is missing, as in: node scripts/rename.mjs NAME");
  process.exitCode = 2;
} else {
  try {
    const { changed, moved } = await renameProgram(root, listedFiles(), name);
    console.log(`${old} is called ${name} in ${changed} files now, and ${moved} have another name`);
    console.log(
      "Next: npm run demo, npm test -- -u, npm run format. Then read what README.md says of other programs.",
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
