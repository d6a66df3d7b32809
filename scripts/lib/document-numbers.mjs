// @ts-check
/** What looks like a number and is a name. */
const NAMES = [
  /RFC-\d+/g,
  /CRC-32|ZIP64|\bS3\b|UTF-8|\b7-Zip\b/g,
  // Versions of OME-Zarr, Zarr and other programs.
  /\b0\.[1-9](?:\.dev\d+|rc\d+)?\b(?! (?:s|ms|%|×|kB|MB|GB|µs)(?!\w))/g,
  /\b(?:Zarr )?v[23]\b/g,
  /https?:\/\/\S+/g,
];

const WORDS =
  "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|quarter|third|twice|double|dozen|hundred|thousand|million";

// Not within a name such as `bz2`, `B/03`, `zstd:5` or `10^6`.
const NUMBER = new RegExp(`(?<![\\w./:^-])(?:\\d[\\d,.]*\\d|\\d|(?:${WORDS})\\b)(?![\\w-]*[A-Za-z/])`, "gi");

/**
 * Finds the numbers in a document's prose, tables, headings and comments in code; numbers in code itself and in names do
 * not count.
 *
 * @param {string} markdown
 * @returns {{ text: string, numbers: { start: number, end: number, line: number }[] }} the document in one line with
 *   single spaces, and where numbers stand in it, with the line of the document
 */
export function documentNumbers(markdown) {
  let text = "";
  let readable = "";
  /** @type {{ at: number, line: number }[]} */
  const lines = [];
  let isCode = false;
  // Of the same length, so that positions stay.
  const blank = (/** @type {string} */ match) => " ".repeat(match.length);
  for (const [index, line] of markdown.split("\n").entries()) {
    const plain = line.trim().replace(/\s+/g, " ");
    const isFence = plain.startsWith("```");
    const hidden = isFence ? "" : isCode ? commentOf(plain) : plain;
    if (isFence) isCode = !isCode;
    if (plain === "" || isFence || /^[-:| ]+$/.test(plain)) continue;
    lines.push({ at: text.length, line: index + 1 });
    text += `${plain} `;
    // Without the number of an item in a list.
    readable += `${hidden.replace(/^\d+\. /, blank)} `;
  }
  for (const pattern of [/`[^`]*`/g, /\]\([^)]*\)/g, /<[^>]*>/g, ...NAMES]) {
    readable = readable.replace(pattern, blank);
  }
  const numbers = Array.from(readable.matchAll(NUMBER), ({ index, 0: found }) => ({
    start: index,
    end: index + found.length,
    line: lines.findLast(({ at }) => at <= index)?.line ?? 0,
  }));
  return { text, numbers };
}

/**
 * A line of code with everything but its comment blanked.
 *
 * @param {string} line
 */
function commentOf(line) {
  const start = /(?:^|\s)(?:#|\/\/) /.exec(line)?.index ?? line.length;
  return " ".repeat(start) + line.slice(start);
}
