import { noClaim, tested } from "./evidence.js";

const FORMATS = "docs/formats.md";
const TESTS = "packages/store-czi/test";

/** What is said of CZIs. */
export const CZI = [
  noClaim(FORMATS, "powers of 2 and 3"),
  tested(
    FORMATS,
    "larger uncompressed ones in bands of about 1 MB",
    `${TESTS}/pixels.test.ts`,
    "that are larger than a chunk are cut into bands of it",
  ),
  tested(
    FORMATS,
    "are missing chunks, which are read as 0, and it is said. Gaps between tiles are 0",
    `${TESTS}/pixels.test.ts`,
    "start where their first tile does, and are 0 where there is none",
  ),
  tested(
    FORMATS,
    "names its subblock and plane; `--allow-missing` fills it with 0",
    `${TESTS}/layout.test.ts`,
    "a file that ends early names the subblock and its plane",
  ),
];
