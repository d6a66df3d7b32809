import { tested } from "./evidence.js";

const FORMATS = "docs/formats.md";
const ND2 = "packages/store-nd2/README.md";
const LIF = "packages/store-lif/README.md";

/** What is said of ND2, LIF and LOF. */
export const VENDOR = [
  ...[
    [FORMATS, "ND2 of version 2.1 and later is read"],
    [FORMATS, "versions before 2.1, whose frames are JPEG 2000"],
    [ND2, "Nikon ND2 files (version 2.1 and later)"],
    [".changeset/one-image-one-file.md", "The oldest ND2, of before version 2.1"],
  ].map(([document = "", says = ""]) =>
    tested(
      document,
      says,
      "packages/store-nd2/test/damage.test.ts",
      "a file of before version 2.1 is recognized, and refused by name",
    ),
  ),
  tested(
    ND2,
    "bands of about 1 MB of large ones",
    "packages/store-nd2/test/pixels.test.ts",
    "in several chunks",
  ),
  tested(
    FORMATS,
    "with `--allow-missing` it becomes 0 too",
    "packages/store-nd2/test/damage.test.ts",
    "a frame that cannot be read is an error that names it and the file",
  ),
  tested(
    ND2,
    "pixels that are damaged are 0 and counted in `store.findings`",
    "packages/store-nd2/test/damage.test.ts",
    "a frame that cannot be read is an error that names it and the file",
  ),
  ...[
    [FORMATS, "with `--allow-missing` they become 0 too"],
    [LIF, "pixels that are missing are 0 and counted in `store.findings`"],
  ].map(([document = "", says = ""]) =>
    tested(
      document,
      says,
      "packages/store-lif/test/damage.test.ts",
      "before a block has no pixels of its image",
    ),
  ),
];
