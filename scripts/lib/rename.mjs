// @ts-check
import { readFileSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The suffix of RFC-9's files. What is called after it keeps its name, whatever the program is called. */
const SUFFIX = "ozx";

/** Where the word stands for the files, or for a program of somebody else. */
const KEPT = [
  // The suffix, also one of several: (zarr|ozx|zip), {zarr,ozx,zip}, (?:ozx|zip).
  /\.ozx/,
  /(?<=[|,])ozx(?=[|,)}])/,
  /(?<=[(:{])ozx(?=[|,]\w)/,
  // The suffix as a value.
  /(?<=["']zarr["'][,:\s]+)["']ozx["']/,
  /["']ozx["'](?=[,|\s]+["']zarr["'])/,
  /(?<=["'(])ozx(?= zarr["')])/,
  /(?<=\b(?:as|suffix) ={1,3} )"ozx"/,
  /(?<=zarr\$\/, )"ozx"/,
  /(?<=\btakes )ozx(?= or zarr\b)/,
  /(?<=--as |\bby default )ozx/,
  // Modules, rules and types that are called after the files.
  /(?<=[a-z]-)ozx/,
  /ozx(?=-(?:format|reader|target)\b)/,
  // Other programs of this name.
  /(?<=\b(?:[Cc]rate|Rust(?:'s)?|cargo install) `?)ozx/,
  /(?<=rust-|rust_|RUST_|cargo\/bin\/)ozx/i,
  /ozx(?=` of PyPI| \(Rust\))/,
].map(({ source, flags }) => (flags === "i" ? source.replace("ozx", "(?:ozx|OZX)") : source));

/** History is not rewritten, and this file says what the word has meant. */
const UNCHANGED = /(?:^|\/)(?:CHANGELOG\.md|rename\.mjs|rename\.test\.ts)$/;

/**
 * Gives the program another name in every file: the command, the packages `NAME` and `@NAME/…`, what help, documents,
 * completion and manual call it, variables such as `NAME_DEBUG`, and the names of files. Identifiers such as `openOzx` are
 * called after the suffix `.ozx`, and stay.
 *
 * @param {string} folder the repository
 * @param {readonly string[]} files its files, with `/`
 * @param {string} name
 * @returns {Promise<{ changed: number, moved: number }>} the numbers of files
 * @throws {Error} where the name cannot be one, or is in use
 */
export async function renameProgram(folder, files, name) {
  const replace = replacement(programName(folder), name);
  const texts = await readTexts(folder, files);
  const word = new RegExp(`\\b${name}\\b`, "i");
  const used = name !== SUFFIX && texts.find(([, text]) => word.test(text));
  if (used) throw new Error(`${name} cannot be the name: it is a word in ${used[0]} already`);
  let [changed, moved] = [0, 0];
  for (const [file, text] of texts) {
    const output = replace(text);
    if (output === text) continue;
    await writeFile(join(folder, file), output);
    changed++;
  }
  for (const file of files) {
    const path = replace(file);
    if (path === file) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await rename(join(folder, file), join(folder, path));
    moved++;
  }
  return { changed, moved };
}

/**
 * What the command and its package are called.
 *
 * @param {string} folder the repository
 * @returns {string}
 */
export function programName(folder) {
  return JSON.parse(readFileSync(join(folder, "packages/cli/package.json"), "utf8")).name;
}

/**
 * @param {string} old
 * @param {string} name
 * @returns {(text: string) => string}
 */
function replacement(old, name) {
  if (!/^[a-z][a-z0-9]{1,30}$/.test(name) || name === old) {
    throw new Error(`${name} cannot be the name: give another word of small letters and digits`);
  }
  const kept = old === SUFFIX ? KEPT.join("|") : "(?!)";
  // A line break in a text of code is written with a letter.
  const before = "(?<![A-Za-z0-9])|(?<=\\\\n)";
  const words = [
    `(?<word>${old})(?![A-Za-z0-9])`,
    // Also the title of the manual.
    `(?<variable>${old.toUpperCase()})(?=_[A-Z]|(?<=\\.TH \\w+) 1)`,
    // The class of a formula is called as its file is.
    `(?<=class )(?<formula>${capitalized(old)})(?= < Formula)`,
  ];
  const pattern = new RegExp(`${kept}|(?:${before})(?:${words.join("|")})`, "g");
  return (text) =>
    text.replace(pattern, (...match) => {
      const { word, variable, formula } = match.at(-1);
      if (word) return name;
      if (variable) return name.toUpperCase();
      return formula ? capitalized(name) : match[0];
    });
}

/** @param {string} word */
function capitalized(word) {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/**
 * @param {string} folder
 * @param {readonly string[]} files
 * @returns {Promise<[file: string, text: string][]>} those that are text
 */
async function readTexts(folder, files) {
  const all = await Promise.all(
    files
      .filter((file) => !UNCHANGED.test(file))
      .map(async (file) => /** @type {const} */ ([file, await readFile(join(folder, file))])),
  );
  return all.filter(([, bytes]) => !bytes.includes(0)).map(([file, bytes]) => [file, bytes.toString("utf8")]);
}
