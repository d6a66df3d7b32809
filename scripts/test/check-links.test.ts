import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { tempFolder } from "@ozx/testing";
import { expect, test } from "vitest";
import { anchorsOf, checkLinks, linksOf } from "../lib/check-links.mjs";

const temp = tempFolder();

/** Writes files and checks the links of those that are Markdown. */
async function check(files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(temp.path(path)), { recursive: true });
    writeFileSync(temp.path(path), text);
  }
  const pages = Object.keys(files).filter((path) => path.endsWith(".md"));
  return checkLinks(temp.path(), pages);
}

const targets = (text: string): string[] => linksOf(text).targets.map(({ target }) => target);

test("links to files, folders, headings and the web pass", async () => {
  const found = await check({
    "README.md": "[a](docs/a.md) [b](docs/a.md#two-words) [c](docs) ![d](docs/d.png) [e](#here)\n\n## Here",
    "docs/a.md": "# Two words\n[up](../README.md#here) <https://example.org/> [f](with%20space.txt)",
    "docs/d.png": "",
    "docs/with space.txt": "",
  });
  expect(found).toEqual({ links: 8, faults: [] });
});

test("each link that leads nowhere is told with its line", async () => {
  const { faults } = await check({
    "README.md": [
      "[a](none.md)",
      "[b](docs/a.md#three)",
      "[c](#nowhere)",
      "[d](../outside.md)",
      "[e](/etc/hosts)",
      "[f](http://)",
      "[g][label]",
      "[h](docs#heading)",
      '<img src="none.png">',
    ].join("\n"),
    "docs/a.md": "# One",
  });
  expect(faults.sort()).toEqual([
    "README.md:1  none.md: no such file",
    "README.md:2  docs/a.md#three: no such heading in docs/a.md",
    "README.md:3  #nowhere: no such heading in README.md",
    "README.md:4  ../outside.md: leads out of the repository",
    "README.md:5  /etc/hosts: leads out of the repository",
    "README.md:6  http://: is not an address",
    "README.md:7  [label] is not defined",
    "README.md:8  docs#heading: a folder has no headings",
    "README.md:9  none.png: no such file",
  ]);
});

test("every way to write a link is seen, and code is not", () => {
  expect(
    targets('[a](one.md "Title") [b](<two three.md>) [![c](four.png)](five.md) [d](six_(7).md)'),
  ).toEqual(["one.md", "two three.md", "four.png", "five.md", "six_(7).md"]);
  expect(targets("[a][name] [name][]\n\n[name]: one.md")).toEqual(["one.md"]);
  expect(targets("`[a](one.md)` ``b ` [c](two.md)`` [d `code`](three.md)")).toEqual(["three.md"]);
  expect(targets("```md\n[a](one.md)\n```\n\n~~~\n[b](two.md)\n~~~\n<!-- [c](three.md) -->")).toEqual([]);
});

test("headings have GitHub's anchors", () => {
  expect([
    ...anchorsOf(
      "# One\n## One\n### `ozx info --json`, and more!\n## [A link](x.md) ##\n```sh\n# no heading\n```",
    ),
  ]).toEqual(["one", "one-1", "ozx-info---json-and-more", "a-link"]);
  expect(anchorsOf('<a id="here"></a>')).toContain("here");
});

test("a reference is defined in any case of letters", () => {
  expect(linksOf("[a][Name]\n\n[name]: one.md").undefinedNames).toEqual([]);
});
