// @ts-check
import { execFileSync } from "node:child_process";
import { root } from "./paths.mjs";

/**
 * The files of the repository, and new ones that are not ignored; with `/`. Some may have been removed.
 *
 * @param {string[]} patterns of git, as in `*.md`; all files by default
 */
export function listedFiles(...patterns) {
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", ...patterns],
    { cwd: root, encoding: "utf8" },
  );
  return listed.split("\0").filter(Boolean);
}
