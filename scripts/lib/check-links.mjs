// @ts-check
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";

/**
 * Looks at every link of Markdown files: the file that it names must be there, and so must the heading. Addresses on
 * the web are not asked for, only held to be whole.
 *
 * @param {string} folder the repository's; a link must not lead out of it
 * @param {readonly string[]} files Markdown files below it, with `/`
 * @returns {Promise<{ links: number, faults: string[] }>} a line for each fault
 */
export async function checkLinks(folder, files) {
  /** @type {Map<string, Promise<Set<string>>>} */
  const known = new Map();
  /** @param {string} file */
  const anchors = (file) => {
    const found = known.get(file) ?? readFile(file, "utf8").then(anchorsOf);
    known.set(file, found);
    return found;
  };
  const faults = [];
  let links = 0;
  for (const name of files) {
    const file = join(folder, name);
    const { targets, undefinedNames } = linksOf(await readFile(file, "utf8"));
    for (const { label, line } of undefinedNames) faults.push(`${name}:${line}  [${label}] is not defined`);
    for (const { target, line } of targets) {
      links++;
      const fault = await faultOf(target, file, folder, anchors);
      if (fault !== undefined) faults.push(`${name}:${line}  ${target}: ${fault}`);
    }
  }
  return { links, faults };
}

/**
 * @param {string} target
 * @param {string} file that has the link
 * @param {string} folder
 * @param {(file: string) => Promise<Set<string>>} anchors
 * @returns {Promise<string | undefined>}
 */
async function faultOf(target, file, folder, anchors) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return URL.canParse(target) ? undefined : "is not an address";
  const [path = "", anchor] = target.split("#");
  const linked = path === "" ? file : resolve(dirname(file), decodeURI(path));
  const inside = relative(folder, linked);
  if (inside === ".." || inside.startsWith(`..${sep}`) || path.startsWith("/")) {
    return "leads out of the repository";
  }
  if (!existsSync(linked)) return "no such file";
  if (anchor === undefined) return undefined;
  if (!linked.endsWith(".md")) return statSync(linked).isDirectory() ? "a folder has no headings" : undefined;
  if ((await anchors(linked)).has(decodeURIComponent(anchor))) return undefined;
  return `no such heading in ${inside.split(sep).join("/")}`;
}

/**
 * Where the links, pictures and references of a Markdown text lead to, HTML's among them.
 *
 * @param {string} text
 * @returns {{ targets: { target: string, line: number }[], undefinedNames: { label: string, line: number }[] }}
 */
export function linksOf(text) {
  const prose = withoutCode(text);
  /** @param {number} index */
  const lineAt = (index) => prose.slice(0, index).split("\n").length;
  /** @type {{ target: string, line: number }[]} */
  const targets = [];
  /** @param {RegExp} pattern whose first group is the target */
  const collect = (pattern) => {
    for (const match of prose.matchAll(pattern)) {
      targets.push({ target: (match[1] ?? "").replace(/^<(.*)>$/, "$1"), line: lineAt(match.index) });
    }
  };
  // [text](target "title"), where the text may have one level of brackets and the target one of parentheses.
  collect(/\]\(\s*(<[^>\n]*>|(?:[^\s()]|\([^\s()]*\))+)(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/g);
  collect(/^ {0,3}\[[^\]\n]+\]:\s*(\S+)/gm);
  collect(/<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)="([^"]*)"/g);
  collect(/<(https?:[^>\s]*)>/g);
  const defined = Array.from(prose.matchAll(/^ {0,3}\[([^\]\n]+)\]:/gm), ([, label = ""]) =>
    label.toLowerCase(),
  );
  // [text][label]; a lone [label] may be anything.
  const used = Array.from(prose.matchAll(/\[([^[\]\n]+)\]\[([^[\]\n]*)\]/g), (match) => ({
    label: match[2] || (match[1] ?? ""),
    line: lineAt(match.index),
  }));
  return { targets, undefinedNames: used.filter(({ label }) => !defined.includes(label.toLowerCase())) };
}

/**
 * The anchors of a Markdown text, as GitHub makes them of headings, and those that HTML in it has.
 *
 * @param {string} text
 * @returns {Set<string>}
 */
export function anchorsOf(text) {
  /** @type {Set<string>} */
  const anchors = new Set();
  // Code in a heading counts, so only fenced blocks go.
  const lines = withoutFences(text);
  for (const [, heading = ""] of lines.matchAll(/^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$/gm)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  for (const [, id = ""] of lines.matchAll(/<[a-z]+\b[^>]*?\b(?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/** @param {string} heading */
function slugOf(heading) {
  return heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/<[^>]+>/g, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

/**
 * A text of the same lines, with nothing in place of code and comments.
 *
 * @param {string} text
 */
function withoutCode(text) {
  return withoutFences(text)
    .replace(/<!--[\s\S]*?-->/g, blank)
    .replace(/(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, blank);
}

/** @param {string} text */
function withoutFences(text) {
  return text.replace(/^ {0,3}(`{3,}|~{3,})[^\n]*\n(?:[\s\S]*?\n)?? {0,3}\1[`~]*[ \t]*$/gm, blank);
}

/** @param {string} part */
function blank(part) {
  return part.replace(/[^\n]/g, " ");
}
