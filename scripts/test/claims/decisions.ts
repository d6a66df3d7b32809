import { readdirSync, readFileSync } from "node:fs";
import { sharedData } from "@ozx/testing";
import { bundleForBrowser } from "../../lib/bundle-for-browser.mjs";
import { inRoot } from "../../lib/paths.mjs";
import { computed, noClaim, printed, tested } from "./evidence.js";

const BLOCKING = "docs/decisions/blocking-reads.md";
const LAYOUT = "docs/decisions/layout-first.md";
const FFLATE = "docs/decisions/no-fflate-writer.md";
const STORES = "docs/decisions/stores-for-every-format.md";
const ZIP64 = "docs/decisions/zip64-everywhere.md";
const CHANGES = ".changeset/one-image-one-file.md";
const [SMALL, FFLATE_SCRIPT] = ["perf/small-files.mjs", "perf/fflate.mjs"];
const [PACK, READ] = ["perf/pack.mjs", "perf/read.mjs"];

/** What the decisions are based on. */
export const DECISIONS = [
  printed(BLOCKING, "a hop costs 40 to 80 µs", READ, "| fs.read | 62.5 | 53.0 |", "| fs.readSync | 6.6 |"),
  printed(
    BLOCKING,
    "Reading 20,000 files of 10,000 bytes with a warm cache",
    SMALL,
    "## Reading 20,000 files of 10,000 bytes in the ways that Node has",
  ),
  ...[
    "| two threads, blocking open, read and close | 3.7 |",
    "| blocking open, read and close into one buffer | 6.7 |",
    "| `fs.readFileSync` | 9.8 |",
    "| callbacks, 64 at a time | 11.4 |",
    "| `fs.promises`, 16 at a time | 31.9 |",
    "| `fs.promises.readFile`, one at a time | 143.3 |",
  ].map((row) => printed(BLOCKING, row, SMALL, row)),
  printed(
    BLOCKING,
    "100,000 of them take 2.6 s here, 1.6 s of which are `open`, `read`, `stat` and `close`",
    PACK,
    "| ozx | 2.64 |",
    "files are 1.6 s",
  ),
  printed(
    BLOCKING,
    "in blocks of 256 KiB that stay in its core's cache, packing 64 files of 64 MB takes 3.4 s in place of 5.5 s",
    PACK,
    "Packing large files took 5.5 s and takes 3.4 s",
  ),
  printed(
    CHANGES,
    "Large files pack 1.6 times as fast as before",
    PACK,
    "Packing large files took 5.5 s and takes 3.4 s",
  ),
  printed(CHANGES, "Archives of a million entries open in a third of a second", READ, "| ozx | 317 |"),
  printed(
    LAYOUT,
    "With two threads, 26 files of 64 MB take 1.33 s where one takes 1.81 s",
    PACK,
    "| `ozx -j1` | 1.81 |",
    "| `ozx -j2` | 1.33 |",
  ),
  tested(
    LAYOUT,
    "dates are fixed to 1980-01-01",
    "interop/test/python-zipfile.test.ts",
    "dates: [[1980, 1, 1, 0, 0, 0]]",
  ),
  printed(
    LAYOUT,
    "100,000 files of 10,000 bytes pack in 1.74 times the time of `xargs cat`, with one thread and the final sync included. Python's `zipfile` takes 3.91 times, `zip -0` 3.29 times",
    PACK,
    "| ozx | 2.64 | 2.45 | 1.74 |",
    "| zip -0 | 4.94 | 4.81 | 3.29 |",
    "| python zipfile | 6.17 | 5.71 | 3.91 |",
  ),
  printed(LAYOUT, "2.4 µs for each file", PACK, "(2.4 µs a `stat`)"),

  computed(FFLATE, "(2 kB gzip)", async () => {
    const code = 'export { inflateSync } from "fflate";';
    const { gzipped } = await bundleForBrowser(code, inRoot("packages/store-zip"));
    return [Math.round(gzipped / 1000)];
  }),
  printed(
    FFLATE,
    "needs 9 µs for a JSON document of 1,961 bytes, where `DecompressionStream` needs 217 µs",
    FFLATE_SCRIPT,
    "A document of 1,961 bytes is inflated in 9 µs, by `DecompressionStream` in 217 µs",
  ),
  printed(
    FFLATE,
    "642 MiB for an archive of 640 MiB",
    FFLATE_SCRIPT,
    "of an archive of 640 MiB whose entries are not started keeps 642 MiB",
  ),
  printed(FFLATE, "a million entries open in 0.32 s with 58 MiB", READ, "| ozx | 317 | 58 |"),
  computed(FFLATE, "of 100,000 entries the end record counts 34,464", () => [100_000, 100_000 % 2 ** 16]),
  computed(FFLATE, "of 100 public archives that must be refused, 50 are accepted", () => {
    const manifest = sharedData("zips/manifest.tsv");
    if (manifest === undefined) return [100, 50];
    const refused = rowsOf(manifest).filter(([, , , verdict]) => verdict === "error");
    return [refused.length, refused.filter((row) => row.at(-1)?.includes("fflate=ok")).length];
  }),
  noClaim(FFLATE, "what an archive of 100,000 chunks needs"),
  computed(FFLATE, "4,000 lines of our own", () => [
    Math.round(linesIn(["records", "directory", "read", "write"]) / 1000) * 1000,
  ]),
  computed(FFLATE, "316 public archives", () => {
    const manifest = sharedData("zips/manifest.tsv");
    return [manifest === undefined ? 316 : rowsOf(manifest).length];
  }),

  printed(
    STORES,
    "Of an archive of 100,000 entries, 50 ms away, the first chunk is there after 4 requests and 0.37 s; with zarrita's own reader of zips it is 7 requests and 0.97 s",
    READ,
    "## 100,000 entries on a server 50 ms away",
    "| ozx | 374 | 357 | 4 | 8.6 |",
    "| zarrita | 965 | 886 | 7 | 8.7 |",
  ),
  noClaim([STORES, "docs/getting-started.md"], "hundred thousand"),

  tested(
    ZIP64,
    "the version needed is 45",
    "packages/store-zip/test/records/headers.test.ts",
    "parsing brings back what was written",
  ),
  computed(ZIP64, "Eight patterns", () => [["no", "Eight"][Number(patternRows().length === 8)] ?? ""]),
  computed(ZIP64, "all nine tools read it", () => [["no", "nine"][Number(toolsInPatterns() === 9)] ?? ""]),
  noClaim(
    ZIP64,
    "the code that writes a 10 KB archive is the code that writes 5 TB, so the boundary at 4 GiB is",
  ),
  tested(
    ZIP64,
    "for a size of exactly 4,294,967,295 bytes",
    "packages/store-zip/test/records/extra-fields.test.ts",
    "sentinels without it are values, as Info-ZIP and libarchive write 4,294,967,295",
  ),
  computed(
    ZIP64,
    "20 bytes in each local header and 28 in each central directory header: 4.8 MB for an archive of 100,000 entries, 0.5 % if its chunks are 10 KB",
    () => {
      const [local, central] = ["LOCAL_ZIP64_EXTRA_SIZE", "CENTRAL_ZIP64_EXTRA_SIZE"].map(extraSize);
      const bytes = ((local ?? 0) + (central ?? 0)) * 100_000;
      return [
        `${local}`,
        `${central}`,
        (bytes / 1e6).toFixed(1),
        100_000,
        ((bytes / 1e9) * 100).toFixed(1),
        10,
      ];
    },
  ),
  tested(
    ZIP64,
    "A ZIP64 field of 8, 16, 24 or 28 bytes is accepted",
    "packages/store-zip/test/records/extra-fields.test.ts",
    "stands in for the fields that hold sentinels, in APPNOTE's order",
  ),
];

function rowsOf(manifest: string): string[][] {
  const [, ...lines] = readFileSync(manifest, "utf8").trimEnd().split("\n");
  return lines.map((line) => line.split("\t"));
}

/** Of folders of the zip package. */
function linesIn(names: readonly string[]): number {
  const folders = names.map((name) => inRoot(`packages/store-zip/src/${name}`));
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));
  return files.reduce((sum, file) => sum + readFileSync(file, "utf8").split("\n").length - 1, 0);
}

function patternRows(): string[] {
  const rows = readFileSync(inRoot(ZIP64), "utf8").match(/^\|.*\|$/gm) ?? [];
  return rows.slice(2);
}

function toolsInPatterns(): number {
  const [, tools = ""] = /opened with ([^:]*):/.exec(readFileSync(inRoot(ZIP64), "utf8")) ?? [];
  return tools.split(/,\s|\sand\s/).length;
}

function extraSize(name: string): number {
  const source = readFileSync(inRoot("packages/store-zip/src/records/extra-fields.ts"), "utf8");
  return Number(new RegExp(`${name} = (\\d+)`).exec(source)?.[1]);
}
