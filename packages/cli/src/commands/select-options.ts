import { type Span, spellSpan, type TransferSelection, UsageError } from "@ozx/core";
import { type Command, Option } from "commander";

/** What `--path`, `--levels` and the ranges of axes give. */
export interface SelectOptions extends Partial<Readonly<Record<Axis, Span>>> {
  readonly path?: string;
  readonly levels?: Span;
  readonly leaveOut?: readonly string[];
}

const AXES = ["t", "c", "z", "y", "x"] as const;
type Axis = (typeof AXES)[number];

/** Adds the options that take a part of a hierarchy. */
export function addSelectOptions(command: Command): Command {
  command
    .option("--path <path>", "take one node of it: a well, an image of a collection, a label image")
    .option("--levels <range>", "take some resolution levels: 1: is all but the largest", spanOf("--levels"));
  command.option(
    "--leave-out <path>",
    "leave out a table, a label image, any node that no image needs; may be given again",
    (path: string, earlier: readonly string[] = []) => [...earlier, path],
  );
  for (const axis of AXES) {
    const option = new Option(`--${axis} <range>`, "").argParser(spanOf(`--${axis}`));
    command.addOption(axis === "t" ? describeRanges(option) : option.hideHelp());
  }
  return command;
}

function describeRanges(option: Option): Option {
  option.description = `take a range, as in 0:10, 4: or 1; likewise --c, --z, --y, --x. It must lie at borders of chunks`;
  return option;
}

/** The part that was asked for, or undefined where it is everything. */
export function selectionOf({
  path,
  levels,
  leaveOut,
  ...options
}: SelectOptions): TransferSelection | undefined {
  const ranges = Object.fromEntries(
    AXES.flatMap((axis) => (options[axis] === undefined ? [] : [[axis, options[axis]]])),
  );
  const isWhole =
    path === undefined && (levels ?? leaveOut) === undefined && Object.keys(ranges).length === 0;
  return isWhole ? undefined : { path, levels, ranges, leaveOut };
}

/** A part in words, as it was asked for: `B/03, levels 1:, c=1`. */
export function spellSelection({ path, levels, ranges = {}, leaveOut = [] }: TransferSelection): string {
  return [
    ...(path === undefined ? [] : [path]),
    ...(levels === undefined ? [] : [`levels ${spellSpan(levels)}`]),
    ...Object.entries(ranges).map(([axis, span]) => `${axis}=${spellSpan(span)}`),
    ...leaveOut.map((node) => `without ${node}`),
  ].join(", ");
}

/** Reads `0:10`, `:10`, `4:`, `1`. */
function spanOf(option: string): (text: string) => Span {
  return (text) => {
    const [, from = "", colon, to = ""] = /^(\d{0,15})(:?)(\d{0,15})$/.exec(text.trim()) ?? [];
    const isSingle = colon === "" && from !== "" && to === "";
    const span = isSingle
      ? { start: Number(from), stop: Number(from) + 1 }
      : { start: Number(from), stop: to === "" ? undefined : Number(to) };
    const isRange = colon === ":" && (from !== "" || to !== "") && span.start < (span.stop ?? Infinity);
    if (isSingle || isRange) return span;
    throw new UsageError(
      `${option} ${JSON.stringify(text)} is not understood: give positions from 0 on, as in 0:10 (without 10 itself), 4: or 1`,
    );
  };
}
