import { readFileSync } from "node:fs";
import { inRoot } from "../../lib/paths.mjs";
import { computed, constant, noClaim, tested } from "./evidence.js";

const FORMATS = "docs/formats.md";
const README = "packages/store-tiff/README.md";
const TESTS = "packages/store-tiff/test";

/** What is said of TIFFs. */
export const TIFF = [
  tested(
    FORMATS,
    "also where more than 4 GiB follow one IFD",
    `${TESTS}/layouts/imagej.test.ts`,
    "has its planes in order",
  ),
  tested(
    FORMATS,
    "NDTiff 2 and 3",
    `${TESTS}/layouts/micromanager.test.ts`,
    "has its images where its index says",
  ),
  tested(
    [FORMATS, README],
    "bands of about 1 MB",
    `${TESTS}/store/pixels.test.ts`,
    "of a large page are cut into bands that can be read in part",
  ),
  noClaim(FORMATS, "JPEG 2000"),
  tested(
    FORMATS,
    "predictors 2 and 3",
    `${TESTS}/decode/bytes.test.ts`,
    "decodes samples of all sizes in both byte orders, with and without predictors",
  ),
  tested(
    FORMATS,
    "packed samples such as 12 bits",
    `${TESTS}/decode/bytes.test.ts`,
    "samples of less than whole bytes are widened",
  ),
  ...[
    [FORMATS, "Samples of RGB are three channels"],
    [README, "becomes three channels"],
  ].map(([document = "", says = ""]) =>
    tested(document, says, `${TESTS}/store/pixels.test.ts`, "samples are three channels"),
  ),
  tested(
    FORMATS,
    "missing chunks, which are read as 0",
    `${TESTS}/store/pixels.test.ts`,
    "in tiles that were never written are missing chunks",
  ),
  ...[
    [FORMATS, "With `ozx convert --allow-missing` they become 0 too"],
    [README, "pixels that are missing or damaged are 0 and counted in `store.findings`"],
  ].map(([document = "", says = ""]) =>
    tested(
      document,
      says,
      `${TESTS}/store/missing.test.ts`,
      "in a file of a set are fill values where it is asked for, and counted",
    ),
  ),
  tested(
    FORMATS,
    "Hamamatsu NDPI, also of more than 4 GiB",
    `${TESTS}/layouts/ndpi.test.ts`,
    "of more than 4 GiB has the high halves of its offsets after its IFDs",
  ),
  tested(
    FORMATS,
    "NDPI with pixels of 16 bits",
    `${TESTS}/layouts/ndpi.test.ts`,
    "whose tags do not say that its pixels have 16 bits is refused",
  ),
  computed(FORMATS, "more than 512 MB without restarts", () => [
    constant("packages/store-tiff/src/layouts/ndpi.ts", "LARGEST_STRIP") / 1024 ** 2,
  ]),
  computed(FORMATS, "LSM of more than 4 GiB", () => {
    const source = readFileSync(inRoot("packages/store-tiff/src/layouts/lsm.ts"), "utf8");
    const [, power] = /source\.size > 2 \*\* (\d+)/.exec(source) ?? [];
    return [2 ** Number(power) / 1024 ** 3];
  }),
];
