import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { documentNumbers } from "../lib/document-numbers.mjs";
import { inRoot, root } from "../lib/paths.mjs";
import { CLUSTERS } from "./claims/cluster.js";
import { COMMANDS } from "./claims/commands.js";
import { CZI } from "./claims/czi.js";
import { DECISIONS } from "./claims/decisions.js";
import { PEERS } from "./claims/peers.js";
import { PROJECT } from "./claims/project.js";
import { CUTS } from "./claims/recut.js";
import { TIFF } from "./claims/tiff.js";
import { VENDOR } from "./claims/vendor.js";

const CLAIMS = [
  ...PEERS,
  ...PROJECT,
  ...COMMANDS,
  ...CLUSTERS,
  ...DECISIONS,
  ...TIFF,
  ...CZI,
  ...VENDOR,
  ...CUTS,
];

/** All that is written for users, but for what was (histories and results), and what others wrote. */
const DOCUMENTS = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" })
  .trim()
  .split("\n")
  .filter((path) => !/CHANGELOG|RESULTS|LICENSES/.test(path));

describe("the numbers of a document", () => {
  test("are those of its prose, its tables and the comments in its code", () => {
    const { text, numbers } = documentNumbers(
      [
        "# Five ways",
        "1. RFC-9 and `64` of 3",
        "million files (bz2, 0.5, 0.5 s)",
        "| a |  22 kB |",
        "| - | -----: |",
        "```sh",
        "ozx --jobs 4 # twice, of B/03",
        "```",
      ].join("\n"),
    );
    const found = numbers.map(({ start, end, line }) => [line, text.slice(start, end)]);
    const expected = [
      ...[
        [1, "Five"],
        [2, "3"],
      ],
      ...[
        [3, "million"],
        [3, "0.5"],
        [4, "22"],
      ],
      [7, "twice"],
    ];
    expect(found).toEqual(expected);
  });
});

describe("every number in the documents is checked by a test or printed by a script", () => {
  test.each(DOCUMENTS)("%s", (path) => {
    const { text, numbers } = documentNumbers(readFileSync(inRoot(path), "utf8"));
    const claimed = CLAIMS.filter((claim) => claim.in.includes(path)).flatMap(({ says }) =>
      placesOf(says, text),
    );
    const unclaimed = numbers.filter(
      ({ start, end }) => !claimed.some((place) => place.start <= start && end <= place.end),
    );
    const lines = unclaimed.map(
      ({ start, end, line }) => `${path}:${line} ${text.slice(Math.max(0, start - 40), end + 40)}`,
    );
    expect(lines, "say in scripts/test/claims what keeps these numbers true").toEqual([]);
  });
});

describe("what documents say with numbers is so", () => {
  test.each(CLAIMS.map((claim) => [claim.says, claim] as const))("%s", async (says, claim) => {
    for (const path of claim.in) {
      const { text } = documentNumbers(readFileSync(inRoot(path), "utf8"));
      expect(text.includes(says), `${path} no longer says so: remove it from scripts/test/claims`).toBe(true);
    }
    await claim.check();
  });
});

/** Where a text stands in another one. */
function placesOf(says: string, text: string): { start: number; end: number }[] {
  const places = [];
  for (let start = text.indexOf(says); start >= 0; start = text.indexOf(says, start + 1)) {
    places.push({ start, end: start + says.length });
  }
  return places;
}
