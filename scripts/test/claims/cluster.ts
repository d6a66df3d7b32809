import { type Claim, computed, constant, noClaim, printed, tested } from "./evidence.js";

const CLUSTER = "docs/cluster.md";
const CHANGES = ".changeset/one-image-one-file.md";
const PARTED = "packages/cli/test/parted.test.ts";
const SCALE = "packages/cli/test/parted-scale.test.ts";
const SIGNALS = "packages/cli/test/signals.test.ts";

/** The layout in the table: its bytes, tasks, and the entries of each of its columns. */
const [BYTES, TASKS, ENTRIES] = [5e12, 1000, [1e5, 1e7]];
/** The length of a name such as `B/03/0/0/c/0/0/123/456`. */
const NAME = 22;

/** A row of the table: what is computed of a number of entries, as it is written there. */
function row(says: string, value: (entries: number) => string): Claim {
  return computed(CLUSTER, says, () => ENTRIES.map((entries) => value(entries).split(" ")[0] ?? ""));
}

/** Bytes with one digit, as in a table of what is calculated. */
function roughly(bytes: number): string {
  const [unit, size] = bytes >= 5e8 ? ["GB", 1e9] : bytes >= 1e6 ? ["MB", 1e6] : ["kB", 1e3];
  return `${Number((bytes / size).toPrecision(1))} ${unit}`;
}

/** What is said of clusters, and in the note on what changes. */
export const CLUSTERS: readonly Claim[] = [
  tested(CLUSTER, "--part 17 # from 0; in", PARTED, '[{ JOB_COMPLETION_INDEX: "0" }, "part 0"]'),
  tested(CLUSTER, "so these bytes are written twice", PARTED, "generated entries are the same, in segments"),
  noClaim(CLUSTER, "The levels of one image are one part's work"),
  tested(
    CLUSTER,
    "Two runs of one part at once are safe",
    PARTED,
    "two runs of each part at once, and two that",
  ),
  tested(
    CLUSTER,
    "is written ends at once with 0",
    PARTED,
    "two runs of each part at once, and two that finish",
  ),
  tested(CLUSTER, "are missing and ends with 75", PARTED, "a finish that comes too early names the parts"),
  tested(
    CLUSTER,
    "another input than the plan ends with 75",
    PARTED,
    "a part that finds another input ends with 75",
  ),
  tested(CLUSTER, "which count from 1, or in", PARTED, '[{ SLURM_ARRAY_TASK_ID: "1" }, "part 0"]'),
  tested(CLUSTER, "which count from 0", PARTED, '[{ AWS_BATCH_JOB_ARRAY_INDEX: "1" }, "part 1"]'),
  tested(CLUSTER, "for which there is no part ends with 0", PARTED, '"the plan has 2 parts"'),
  tested(CLUSTER, "nothing is sent twice", PARTED, "the bytes are those of one command: %j"),
  computed(CLUSTER, "Parts of an upload have 5 MiB or more", () => [
    constant("packages/core/src/node/bucket/multipart-upload.ts", "SMALLEST_PART") / 2 ** 20,
  ]),
  computed(CLUSTER, "An upload has at most 10,000 parts", () => [
    constant("packages/core/src/node/bucket/multipart-upload.ts", "MOST_PARTS"),
  ]),
  tested(CLUSTER, "The layout of 5 TB, written by 1,000 tasks", SCALE, "5 TB by 1,000 tasks into one upload"),
  computed(CLUSTER, "| 100,000 shards of 50 MB | 10,000,000 chunks of 500 kB |", () =>
    ENTRIES.flatMap((entries) => [entries, BYTES / entries / (entries === 1e5 ? 1e6 : 1e3)]),
  ),
  row(
    "| headers of all entries | 7 MB | 700 MB |",
    (entries) => `${Number(((entries * (30 + 20 + NAME)) / 1e6).toPrecision(1))} MB`,
  ),
  row("| central directory | 10 MB | 1 GB |", (entries) => roughly(entries * (46 + 28 + NAME))),
  row("| a task's own bytes | 5 GB | 5 GB |", () => roughly(BYTES / TASKS)),
  // The key, the size and the CRC of each entry in JSON, in which quotes are escaped.
  row("| a task's result, with the CRC of each entry | 5 kB | 500 kB |", (entries) =>
    roughly((entries / TASKS) * (NAME + '[\\"/\\",500000000,4000000000],'.length)),
  ),
  tested(CLUSTER, "| parts of the upload, of 625 MB | 8,000 | 8,000 |", SCALE, "Eight parts of each task"),
  tested(
    CLUSTER,
    "| requests of a task | about 12 | about 12 |",
    PARTED,
    "of a task three and those of its bytes",
  ),
  tested(
    CLUSTER,
    "| requests of the end | about 2,000 | about 2,000 |",
    PARTED,
    "of the end two for each task",
  ),
  computed(CLUSTER, "a task holds two in memory: 1.3 GB here", () => ["two", ((2 * 625) / 1000).toFixed(1)]),
  noClaim(CLUSTER, "Submit the array from 1 to the number of parts"),
  noClaim(CLUSTER, "often 1001"),
  noClaim(CLUSTER, "One image a task"),
  tested(
    CLUSTER,
    "On one node the second one is refused at once (74)",
    "packages/cli/test/two-writers.test.ts",
    "ozx convert --force is refused while another process writes its output",
  ),
  tested(
    CLUSTER,
    "replaced meanwhile writes nothing and ends with 75",
    "packages/cli/test/changed-input.test.ts",
    "an input that changes",
  ),
  tested(
    CHANGES,
    "such pixels become 0, and it says how many",
    "packages/store-tiff/test/store/missing.test.ts",
    "in a file of a set are fill values where it is asked for, and counted",
  ),
  printed(
    CHANGES,
    "four times as fast as zarrita for blosc",
    "perf/decode.mjs",
    "**met for blosc** (4.0 and 4.5)",
  ),
  tested(
    CHANGES,
    "of the same size too (exit code 75)",
    "packages/cli/test/changed-input.test.ts",
    "is seen where the input is an archive",
  ),
  tested(
    CHANGES,
    "Two that write the same `.ozx` at once, in one program or in several",
    "packages/cli/test/two-writers.test.ts",
    "ozx convert --force is refused while another process writes its output",
  ),
  tested(
    CHANGES,
    "within about a second, also in an archive of a million entries or a document of a million wells",
    SIGNALS,
    "SIGTERM ends ozx $line",
  ),
  noClaim(CHANGES, "lets a double click open"),
  tested(
    "docs/formats.md",
    "LZW with predictor 2, decoded when read",
    "packages/store-tiff/test/store/pixels.test.ts",
    "Deflate with predictor 2, decoded when read",
  ),
  printed("perf/README.md", "opening TIFFs of up to a million pages", "perf/tiff-open.mjs"),
];
