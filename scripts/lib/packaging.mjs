// @ts-check
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inRoot } from "./paths.mjs";

const TEMPLATES = inRoot("packaging");

/**
 * Writes the files of the package managers: the templates of `packaging`, with what is in `packages/cli/package.json`.
 *
 * @param {string} folder where they are written
 * @param {{ repository: string, sums: string }} release the repository's address, and a text as sha256sum prints it
 * @returns {Promise<string[]>} the paths of the files in the folder
 * @throws {Error} where a template names what is not known
 */
export async function fillTemplates(folder, { repository, sums }) {
  const manifest = JSON.parse(await readFile(inRoot("packages/cli/package.json"), "utf8"));
  const { name, version, description, license } = manifest;
  const [owner = ""] = repository.split("/").slice(-2);
  // As the changesets' action names it.
  const tag = `${name}@${version}`;
  const values = new Map([
    ...Object.entries({ name, version, description, license, repository, tag }),
    ["downloads", `${repository}/releases/download/${tag}`],
    ["winget", `${owner}.${name}`],
    ...(await checksums(sums)),
  ]);
  const files = await readdir(TEMPLATES, { recursive: true, withFileTypes: true });
  const written = [];
  for (const { parentPath, name: file } of files.filter(
    (entry) => entry.isFile() && entry.name !== "README.md",
  )) {
    const path = join(parentPath, file).slice(TEMPLATES.length + 1);
    const text = await readFile(join(TEMPLATES, path), "utf8");
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), fill(text, values, path));
    written.push(path);
  }
  return written.sort();
}

/**
 * @param {string} sums
 * @returns {Promise<[string, string][]>} in the case of letters that a template asks for
 */
async function checksums(sums) {
  const licence = createHash("sha256")
    .update(await readFile(inRoot("LICENSE")))
    .digest("hex");
  const lines = `${sums}${licence}  LICENSE\n`.trim().split("\n");
  return lines.flatMap((line) => {
    const [sum = "", file = ""] = line.split(/\s+\*?/);
    return [
      [`sha256:${file}`, sum.toLowerCase()],
      [`SHA256:${file}`, sum.toUpperCase()],
    ];
  });
}

/**
 * @param {string} text
 * @param {ReadonlyMap<string, string>} values
 * @param {string} path for the message
 */
function fill(text, values, path) {
  return text.replace(/<([a-z][\w.:-]*)>/gi, (_, key) => {
    const value = values.get(key);
    if (value === undefined) throw new Error(`packaging/${path} names ${key}, which nothing says`);
    return value;
  });
}
