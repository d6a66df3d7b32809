// @ts-check
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "./paths.mjs";

/**
 * The test files of packages that replace modules for themselves, by their paths in the repository. They need a
 * process of their own, where no other test has loaded those modules.
 *
 * @returns {string[]}
 */
export function mockingTests() {
  return readdirSync(inRoot("packages")).flatMap((name) => {
    const folder = `packages/${name}/test`;
    return testsBelow(folder).filter((path) => /\bvi\.(mock|doMock|resetModules)\(/.test(read(path)));
  });
}

/** @param {string} folder */
function testsBelow(folder) {
  try {
    const names = readdirSync(inRoot(folder), { recursive: true, encoding: "utf8" });
    return names
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => join(folder, name).replaceAll("\\", "/"));
  } catch {
    return [];
  }
}

/** @param {string} path */
function read(path) {
  return readFileSync(inRoot(path), "utf8");
}
