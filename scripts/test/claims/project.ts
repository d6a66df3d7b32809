import { readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { inRoot } from "../../lib/paths.mjs";
import { type Claim, computed, constant, noClaim, printed, tested } from "./evidence.js";

const STARTED = "docs/getting-started.md";
const PACKED = "packages/cli/test/package/packed.test.ts";
const SIZES = "a page loads what the README says, and a codec when an array needs it";

const WITH_NODE = [
  ...["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/embedding.md", STARTED],
  ...[
    "cli",
    "convert",
    "core",
    "store-czi",
    "store-lif",
    "store-nd2",
    "store-tiff",
    "store-zip",
    "virtual",
  ].map((name) => `packages/${name}/README.md`),
];

/** What is said of the project itself: what it needs, how large it is. */
export const PROJECT: readonly Claim[] = [
  computed(WITH_NODE, "20.19", () => {
    const manifests = [
      "package.json",
      ...readdirSync(inRoot("packages")).map((name) => `packages/${name}/package.json`),
    ];
    const needed = manifests.flatMap(
      (file) => JSON.parse(readFileSync(inRoot(file), "utf8")).engines?.node ?? [],
    );
    expect(needed.length).toBeGreaterThan(4);
    return [...new Set(needed)].map((range) => range.replace(">=", ""));
  }),
  tested(
    "docs/getting-started.md",
    "It is smaller than 150 MB",
    "interop/test/without-node.test.ts",
    "is smaller than 150 MB",
  ),
  tested(
    "docs/recipes.md",
    "a file of at most 20 lines of code",
    "interop/test/recipes.test.ts",
    "a recipe has at most 20 lines of code",
  ),
  tested("README.md", "| `openOzx` | 25 kB |", PACKED, SIZES),
  tested("README.md", "| `openOzx`, and `open` and `get` of zarrita | 39 kB | 487 kB |", PACKED, SIZES),
  tested("README.md", "| the same in one file | 496 kB |", PACKED, SIZES),
  tested("packages/store-zip/README.md", "some 496 kB gzipped instead of 39 kB", PACKED, SIZES),
  ...[
    computed(["README.md", "docs/README.md"], "in five commands", commandsAtTheStart),
    computed(STARTED, "## Five commands", () => commandsAtTheStart().map((word) => word.replace("f", "F"))),
  ],
  computed("docs/embedding.md", "Four packages", () => {
    const [table = ""] =
      /Four packages.*\n\n((?:\|.*\n)+)/.exec(readFileSync(inRoot("docs/embedding.md"), "utf8")) ?? [];
    return [(table.match(/^\| `/gm) ?? []).length === 4 ? "Four" : "others"];
  }),
  computed("CONTRIBUTING.md", "100 to 250 lines, never more than 300", () => {
    expect(sources().filter((file) => linesOf(file) > 300)).toEqual([]);
    return [100, 250, 300];
  }),
  printed("CONTRIBUTING.md", "in about two seconds", "scripts/dev.mjs"),
  printed("CONTRIBUTING.md", "on Linux: half an hour", ".ci/run"),
  printed(
    "perf/README.md",
    "peak memory with 5 GB and with 100,000 entries",
    "perf/memory.mjs",
    "5 GB",
    "100,000 entries",
  ),
  noClaim("perf/README.md", "does not reuse an inode for five minutes"),
  noClaim("perf/README.md", "up to forty times"),
  noClaim("perf/README.md", "Two differences put ozx at a disadvantage"),
  noClaim("examples/dataloader/README.md", "has the extent 1 along all others"),
  computed("docs/embedding.md", "Of four chunks and 4 MB on it decodes in threads", () => [
    ["no", "four"][Number(constant("packages/core/src/open/place-block.ts", "FEW_CHUNKS") === 4)] ?? "",
    constant("packages/core/src/node/threads/chunk-workers.ts", "LEAST_BYTES") / 2 ** 20,
  ]),
  noClaim("docs/cluster.md", "two images of one name"),
  noClaim("docs/cluster.md", "Let no two runs write the same output"),
  noClaim(
    [".changeset/one-image-one-file.md", "docs/command-line.md", "packages/convert/README.md"],
    "compares two images",
  ),
  noClaim("docs/architecture.md", "whether two images are the same"),
  noClaim("packages/convert/README.md", "compares two stores"),
];

function commandsAtTheStart(): string[] {
  const [, block = ""] =
    /## Five commands[\s\S]*?```sh\n([\s\S]*?)```/.exec(readFileSync(inRoot(STARTED), "utf8")) ?? [];
  return [(block.match(/^ozx /gm) ?? []).length === 5 ? "five" : "others"];
}

/** The source of all packages that a person writes. */
function sources(): string[] {
  return readdirSync(inRoot("packages")).flatMap((name) => {
    const folder = `packages/${name}/src`;
    const files = readdirSync(inRoot(folder), { recursive: true, encoding: "utf8" });
    return files
      .filter((file) => /\.tsx?$/.test(file) && !file.includes(".generated."))
      .map((file) => `${folder}/${file}`);
  });
}

function linesOf(file: string): number {
  return readFileSync(inRoot(file), "utf8").split("\n").length - 1;
}
