import { computed, constant, noClaim, tested } from "./evidence.js";

const COMMAND_LINE = "docs/command-line.md";
const CLUSTER = "docs/cluster.md";
const LIMITS = "docs/limits.md";
const CHANGES = ".changeset/one-image-one-file.md";
const EXIT_CODES = "packages/cli/test/exit-codes.test.ts";

/** What is said of commands: exit codes, limits, defaults, requests. */
export const COMMANDS = [
  ...["0", "1", "2", "3", "5", "6", "7", "70", "74", "75", "129, 130, 143"].map((code) =>
    tested(COMMAND_LINE, `| ${code} | `, EXIT_CODES, "the documents list every exit code"),
  ),
  tested(
    COMMAND_LINE,
    "| 4 | the input is damaged or is not OME-Zarr (`validate` ends with 1 for a damaged archive",
    "packages/cli/test/validate.test.ts",
    "of an archive that cannot be opened says so and what was not checked",
  ),
  ...["0", "6", "75", "143", "137", "7", "74"].map((code) =>
    tested(CLUSTER, `| ${code} | `, EXIT_CODES, "the documents list every exit code"),
  ),
  tested(
    COMMAND_LINE,
    "The exit code is 1 where something is lost.",
    "packages/cli/test/salvage.test.ts",
    "damaged chunks are lost, by array and position, and read as fill values",
  ),
  tested(
    COMMAND_LINE,
    "`--pyramid` it is the same. The exit code is 0.",
    "packages/cli/test/salvage.test.ts",
    "damaged chunks become fill values, and are counted",
  ),
  tested(
    "docs/embedding.md",
    "such pixels are 0. With `await using",
    "packages/cli/test/left-open.test.ts",
    "close says which pixels were never written",
  ),
  computed("docs/embedding.md", "up to 64 MiB between the data and the directory", () => [
    constant("packages/store-zip/src/format/stepped-archive.ts", "RESERVE") / 2 ** 20,
  ]),
  computed(LIMITS, "takes at most four million of them", () =>
    constant("packages/store-zip/src/salvage/find-entries.ts", "MOST_ENTRIES") === 4e6
      ? ["four", "million"]
      : [],
  ),
  computed(COMMAND_LINE, "too many files to be deleted in half a second", () => [
    constant("packages/convert/src/node/remove-folder.ts", "IN_TIME") === 500 ? "half" : "others",
  ]),
  tested(
    COMMAND_LINE,
    "`ozx view` ends with 0 once it has",
    "packages/cli/test/view.test.ts",
    "serves the page with the file behind it until Ctrl-C",
  ),
  tested(
    COMMAND_LINE,
    "nothing is written and the exit code is 1",
    "packages/cli/test/exit-codes.test.ts",
    "an output that differs from its input",
  ),
  tested(
    "docs/getting-started.md",
    "exit code 0 if they are the same",
    "packages/cli/test/verify.test.ts",
    "the same images are exit code 0",
  ),
  tested(
    CLUSTER,
    "With others, `--resume` ends with 2",
    "packages/cli/test/resume.test.ts",
    "is not resumed with other options, which says why",
  ),
  tested(
    CLUSTER,
    "The slower one ends with 6",
    "packages/convert/test/node/targets.test.ts",
    "a file that appears meanwhile is not overwritten",
  ),
  tested(
    "docs/decisions/layout-first.md",
    "the run ends with an error (exit code 75)",
    "packages/convert/test/node/targets.test.ts",
    "leaves nothing behind when the source fails, changes or is aborted",
  ),
  tested(
    CHANGES,
    "`convert` ends with 4 where an image lists a level that is not there",
    "packages/convert/test/plan/missing-levels.test.ts",
    "is refused by the name of its level",
  ),
  tested(
    "docs/validate-json.md",
    "The exit code is 0 where everything is valid, 1 where there are errors (with `--strict`, warnings), and 3 or more",
    "packages/cli/test/validate.test.ts",
    "several files each have their report, and a failure does not end it",
  ),
  tested(
    CHANGES,
    "plates that list a well a thousand times",
    "packages/core/test/open/open-ome-zarr.test.ts",
    "a well that is listed 3,000 times, with a field 1,000 times, is opened once",
  ),
  tested(
    [COMMAND_LINE, "packages/store-zip/README.md", CHANGES],
    "two or three requests",
    "packages/store-zip/test/read/requests.test.ts",
    "2 requests in Node, 3 in a browser",
  ),
  tested(
    COMMAND_LINE,
    "A 403 counts as a missing chunk only where the server answers 403 for keys that cannot exist",
    "packages/core/test/store-http/folder.test.ts",
    "where a server answers 403 for missing keys, chunks may be missing",
  ),
  computed(COMMAND_LINE, "falls silent for 30 seconds is asked once more", () => [
    constant("packages/core/src/bytes/http/response.ts", "DEFAULT_TIMEOUT") / 1000,
  ]),
  noClaim(LIMITS, "have not the five dimensions that these versions ask for"),
  noClaim(LIMITS, "up to five, in the usual order"),
  computed(LIMITS, "draws up to 256 voxels along each axis", () => [
    constant("packages/web/src/image/volume/volume-level.ts", "MAX_EXTENT"),
  ]),
  computed(LIMITS, "at most nine channels are on", () => [
    constant("packages/web/src/image/model/view-settings.ts", "MAX_CHANNELS") === 10 ? "nine" : "not nine",
  ]),
  computed(LIMITS, "crosses more than 4096 chunks", () => [
    String(constant("packages/web/src/image/sides/side-planes.ts", "MAX_CHUNKS")),
  ]),
  computed(LIMITS, "are decoded as a whole: up to 1 GiB each", () => [
    constant("packages/core/src/zarr/codec/shard-chain.ts", "LARGEST_OBJECT") / 2 ** 30,
  ]),
  computed(LIMITS, "stored in more than 1 GiB as not decoded", () => [
    constant("packages/core/src/zarr/check/chunk-decoder.ts", "LARGEST_CHUNK") / 2 ** 30,
  ]),
  computed("packages/store-zip/README.md", "where a quarter of it was read already", () => [
    constant("packages/store-zip/src/format/sliced-directory.ts", "WORTHWHILE") === 0.25
      ? "quarter"
      : "another",
  ]),
  tested(
    LIMITS,
    "a directory of more than 1 GiB (some 8 million entries), or of more than 64 MB and 1 KiB for each entry",
    "packages/store-zip/test/directory/claims.test.ts",
    "a directory of 3 GB on a server",
  ),
  computed(LIMITS, "up to a quarter of a second of work is done again", () => [
    constant("packages/convert/src/node/partial-journal.ts", "resume") === 250 ? "quarter" : "another",
  ]),
  computed(CLUSTER, "when nothing has been written for a minute", () => {
    const minutes = constant("packages/convert/src/node/leftovers.ts", "IDLE_TIMEOUT") / 60_000;
    return minutes === 1 ? [] : [minutes];
  }),
  tested(
    LIMITS,
    "6 for gzip, 5 for blosc, the nearest for zstd",
    "packages/convert/test/versions/upgrade.test.ts",
    'name: "gzip", configuration: { level: 6 }',
  ),
  tested(
    LIMITS,
    "Entries of more than 4 GiB",
    "packages/convert/test/plan/plan-transfer.test.ts",
    "an entry of more than 4 GiB is reported",
  ),
  tested(
    "docs/info-json.md",
    "| `schemaVersion` | 1 |",
    "packages/cli/test/info-json.test.ts",
    "expect(report.schemaVersion).toBe(1)",
  ),
  tested(
    "docs/validate-json.md",
    "| `schemaVersion` | 1 |",
    "packages/cli/test/__snapshots__/validate.test.ts.snap",
    '"schemaVersion": 1',
  ),
  noClaim("docs/info-json.md", "2 or 3"),
  noClaim("docs/validate-json.md", "2, 3 or null"),
  noClaim("docs/info-json.md", "six hexadecimal digits"),
  noClaim("docs/info-json.md", "names that occur twice"),
  tested(
    "docs/info-json.md",
    "a text of digits beyond 2^53",
    "packages/core/test/inspect/inspect-node.test.ts",
    "in digits beyond 2^53",
  ),
  noClaim("docs/validate-json.md", "folders have the last two only"),
  computed("docs/validate-json.md", "the first three at most", () => [
    constant("packages/core/src/findings.ts", "examples") === 3 ? "three" : "others",
  ]),
  tested(
    "docs/validate-json.md",
    "One rule may have two groups",
    "packages/core/test/findings/collect.test.ts",
    "one rule with two severities is two groups",
  ),
];
