import { noClaim, tested } from "./evidence.js";

const README = "README.md";

/** What is said of other programs: of those that read what ozx writes, tests tell. */
export const PEERS = [
  ...[
    ["unzip", "interop/test/archivers.test.ts", "Info-ZIP unzip"],
    ["bsdtar", "interop/test/archivers.test.ts", "bsdtar"],
    ["7-Zip", "interop/test/archivers.test.ts", "7-Zip"],
    ["Python's zipfile", "interop/test/python-zipfile.test.ts", "reads every entry, stored"],
    ["zarr-python", "interop/test/zarr-python.test.ts", "zarr-python's ZipStore"],
    ["zarrita", "interop/test/zarrita-zip-file-store.test.ts", "describeSubjects"],
  ].map(([program = "", file = "", name = ""]) => tested(README, program, file, name)),
  noClaim(README, "as of November 2026"),
];
