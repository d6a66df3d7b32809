import { computed, constant, tested } from "./evidence.js";

const COMMAND_LINE = "docs/command-line.md";
const CHANGES = ".changeset/one-image-one-file.md";
const RECUT = "packages/convert/test/recut/recut.test.ts";

/** What is said of ranges, chunks, projections and values. */
export const CUTS = [
  tested(
    COMMAND_LINE,
    "from 0, and `1:3` is without 3 itself",
    RECUT,
    "have the pixels between, in every level",
  ),
  tested(COMMAND_LINE, "100 becomes 0, and 4000 becomes 255", RECUT, "from a window, and no chunk"),
  tested(
    COMMAND_LINE,
    "values below it become 0, those above it the largest",
    RECUT,
    "from a window, and no chunk",
  ),
  tested(
    COMMAND_LINE,
    "otherwise of 64 bits",
    "packages/core/test/image/project-pixels.test.ts",
    "%s by %s of %i pixels is %s",
  ),
  tested(
    COMMAND_LINE,
    "no chunk of the input is decoded twice",
    RECUT,
    "ones: each chunk is read once, whatever the order",
  ),
  computed(COMMAND_LINE, "fit into half of `--memory` (512 MB by default)", () => [half(), memory()]),
  computed(CHANGES, "take at most half of `--memory`", () => [half()]),
];

const SELECT = "packages/convert/src/select/select-view.ts";

function half(): string {
  return constant(SELECT, "KEPT") === 0.5 ? "half" : "other";
}

function memory(): string {
  return String(constant(SELECT, "MEMORY") / 1024 ** 2);
}
