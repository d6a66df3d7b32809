import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { doors as findDoors } from "../lib/doors.mjs";
import { inRoot } from "../lib/paths.mjs";
import { COMPILES, openDoors } from "../lib/public-api.mjs";
import "./all-sources.mjs";

const doors = await findDoors();

// A change here is a change for users: it needs a changeset. `npm test -- -u scripts/test/doors` writes the files.
describe("the doors of the packages", () => {
  test("export what they did", COMPILES, async () => {
    const apis = openDoors(doors);
    expect(apis.size).toBeGreaterThan(10);
    for (const [name, api] of apis) {
      await expect(`${api.join("\n")}\n`).toMatchFileSnapshot(
        `doors/${name.replace("@", "").replaceAll("/", "-")}.txt`,
      );
    }
  });

  test("of core has no more than a reader of images needs", COMPILES, () => {
    expect(openDoors(doors).get("@ozx/core")?.length).toBeLessThanOrEqual(70);
  });

  const inside = doors.filter(({ name, isInternal }) => isInternal || name.endsWith("/container"));
  test.each(inside)(
    "$name has no function, class or constant that no other package imports",
    COMPILES,
    ({ name, source }) => {
      const used = importedNames(source.split("/")[1] ?? "");
      const names = openDoors(doors).get(name) ?? [];
      // Types explain what functions take and give, whether or not anybody names them.
      const values = names.filter((line) => !line.startsWith("type "));
      expect(values.filter((line) => !used.has(line.split(" ")[1] ?? ""))).toEqual([]);
    },
  );
});

/** All names between braces of imports from ozx's packages, in the sources and tests of the other packages, interop and perf. */
function importedNames(pkg: string): ReadonlySet<string> {
  const others = readdirSync(inRoot("packages")).filter((name) => name !== pkg);
  const folders = others.flatMap((name) => [`packages/${name}/src`, `packages/${name}/test`]);
  return new Set([...folders, ...OUTSIDE].flatMap((folder) => [...namesImportedIn(folder)]));
}

/** Without what interop installs: thousands of files of Python. */
const OUTSIDE = ["interop/support", "interop/test", "perf"];

const importedIn = new Map<string, ReadonlySet<string>>();

function namesImportedIn(folder: string): ReadonlySet<string> {
  const known = importedIn.get(folder);
  if (known !== undefined) return known;
  const found = new Set<string>();
  for (const path of readdirSync(inRoot(folder), { recursive: true, encoding: "utf8" })) {
    if (!/\.(tsx?|mjs)$/.test(path) || path.includes("node_modules")) continue;
    const text = readFileSync(inRoot(`${folder}/${path}`), "utf8");
    for (const [, names = ""] of text.matchAll(/\{([^{}]*)\}\s+(?:from|= await import\()\s*"@ozx\//g)) {
      for (const one of names.split(",")) found.add(one.trim().split(/\s/)[0] ?? "");
    }
  }
  importedIn.set(folder, found);
  return found;
}
