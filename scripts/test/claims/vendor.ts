import { tested } from "./evidence.js";

const FORMATS = "docs/formats.md";
const ND2 = "packages/store-nd2/README.md";
const LIF = "packages/store-lif/README.md";

/** What is said of ND2, LIF and LOF. */
export const VENDOR = [
  ...[
    [FORMATS, "Versions before 2.1 have a picture of JPEG 2000"],
    [FORMATS, "lossy compression in versions since 2.1"],
    [ND2, "Versions before 2.1 have pictures of JPEG 2000"],
    [".changeset/one-image-one-file.md", "The oldest ND2, of before version 2.1"],
  ].map(([document = "", says = ""]) =>
    tested(document, says, "packages/store-nd2/test/legacy.test.ts", "an ND2 of before version 2.1"),
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
  tested(FORMATS, "Gaps are 0.", "packages/store-lif/test/mosaic.test.ts", "that leave gaps, which are 0"),
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
