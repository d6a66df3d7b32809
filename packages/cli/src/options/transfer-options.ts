import {
  type ShardRequest,
  type Span,
  spellSpan,
  type TransferSelection,
  UsageError,
  type WritableVersion,
} from "@ozx/core";
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
export function formatSelection({ path, levels, ranges = {}, leaveOut = [] }: TransferSelection): string {
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

/** Reads the value of `--shard`: `auto`, `none`, or sizes in pixels by axis as in `z=8,y=2048,x=2048`. */
export function parseShardOption(text: string): ShardRequest {
  if (text === "auto" || text === "none") return text;
  const sizes: Record<string, number> = {};
  for (const part of text.split(",")) {
    const match = /^\s*([^=\s]+)\s*=\s*([1-9]\d*)\s*$/.exec(part);
    if (match?.[1] === undefined) {
      throw new UsageError(
        `--shard ${JSON.stringify(text)} is not understood: give auto, none, or sizes in pixels as in z=8,y=2048,x=2048`,
      );
    }
    sizes[match[1]] = Number(match[2]);
  }
  return sizes;
}

/** Reads the value of `--jobs`. */
export function parseJobs(text: string): number {
  const jobs = /^\d+$/.test(text) ? Number(text) : 0;
  if (jobs >= 1 && jobs <= MOST_JOBS) return jobs;
  throw new UsageError(`--jobs ${text} is not understood: give a number of threads, from 1 to ${MOST_JOBS}`);
}

const MOST_JOBS = 256;

/** What names the input and the output, and what some outputs exclude. */
export interface PathOptions {
  readonly input?: string;
  readonly output?: string;
  readonly verify?: boolean;
  readonly dryRun?: boolean;
  readonly shard?: ShardRequest;
  readonly omeZarrVersion?: WritableVersion;
}

/**
 * The input and the output, given by place or by option.
 *
 * @throws UsageError when one is missing, one is left over, or options do not go with them
 */
export function parsePaths(
  paths: readonly string[],
  options: PathOptions,
): { input: string; output: string } {
  const { input, output, rest } = named(paths, options);
  if (options.verify && output === "-") {
    throw new UsageError("--verify cannot read a pipe again: write to a file, or leave --verify out");
  }
  if (writesToPipe(paths, options) && process.stdout.isTTY) {
    throw new UsageError(
      "the standard output is a terminal, and an archive is no text: send it to a pipe or a file, as in ozx convert image.zarr - > image.ozx",
    );
  }
  if (options.shard !== undefined && options.shard !== "none" && options.omeZarrVersion === "0.4") {
    throw new UsageError(
      "--shard and --ome-zarr-version 0.4 exclude each other: shards came with 0.5; leave one of them out",
    );
  }
  if (input === undefined || output === undefined) {
    throw new UsageError(
      `convert needs ${input === undefined ? "an input and an output" : "an output"}, as in "ozx convert image.zarr image.ozx"`,
    );
  }
  if (rest.length > 0) {
    throw new UsageError(
      `convert takes one input and one output, and ${rest[0]} is left over; a loop converts several: for f in *.zarr; do ozx convert "$f" "\${f%.zarr}.ozx"; done`,
    );
  }
  return { input, output };
}

/** Whether an archive goes to the standard output, and not words about one. */
export function writesToPipe(paths: readonly string[], options: PathOptions): boolean {
  return named(paths, options).output === "-" && !options.dryRun;
}

function named(paths: readonly string[], options: PathOptions) {
  const rest = [...paths];
  const input = options.input ?? rest.shift();
  const output = options.output ?? rest.shift();
  return { input, output, rest };
}
