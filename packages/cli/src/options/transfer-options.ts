import { type ChannelName, formatSpan, type Span, type TransferSelection } from "@ozx/convert";
import { UsageError } from "@ozx/core";
import type { ShardRequest } from "@ozx/core/internal";
import { type Command, Option } from "commander";
import { parseSizes } from "./parse-sizes.js";
import { describeRecut, type RecutFlags, recutSelectionOf } from "./recut-options.js";

/** The values of `--path`, `--levels`, `--leave-out` and the ranges of axes. */
export interface SelectOptions extends RecutFlags, Partial<Readonly<Record<Axis, Span | ChannelName>>> {
  readonly path?: string;
  readonly levels?: Span;
  readonly leaveOut?: readonly string[];
}

const AXES = ["t", "c", "z", "y", "x"] as const;
type Axis = (typeof AXES)[number];

/** Adds the options that select a part of a hierarchy. */
export function addSelectOptions(command: Command): Command {
  command
    .option("--path <path>", "take one node: a well, an image of a collection, a label image")
    .option("--levels <range>", "take some resolution levels; 1: is all but the largest", spanOf("--levels"));
  command.option(
    "--leave-out <path>",
    "leave out a table, a label image or another node that no image needs; repeatable",
    (path: string, earlier: readonly string[] = []) => [...earlier, path],
  );
  for (const axis of AXES) {
    const option = new Option(`--${axis} <range>`, "").argParser(
      axis === "c" ? spanOrChannel : spanOf(`--${axis}`),
    );
    command.addOption(axis === "t" ? describeRanges(option) : option.hideHelp());
  }
  return command;
}

function describeRanges(option: Option): Option {
  option.description =
    "take a range of positions, as in 0:10, 4: or 1; likewise --c (or a channel's name), --z, --y, --x";
  return option;
}

/** The selected part; undefined for everything. */
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
  const recut = recutSelectionOf(options);
  return isWhole && recut === undefined ? undefined : { path, levels, ranges, leaveOut, ...recut };
}

/** A selection as text: `B/03, levels 1:, c=1`. */
export function formatSelection(selection: TransferSelection): string {
  const { path, levels, ranges = {}, leaveOut = [] } = selection;
  return [
    ...(path === undefined ? [] : [path]),
    ...(levels === undefined ? [] : [`levels ${formatSpan(levels)}`]),
    ...Object.entries(ranges).map(([axis, span]) => `${axis}=${formatSpan(span)}`),
    ...leaveOut.map((node) => `without ${node}`),
    ...describeRecut(selection),
  ].join(", ");
}

/** Parses `0:10`, `:10`, `4:` and `1`; undefined for other texts. */
function parseSpan(text: string): Span | undefined {
  const [, from = "", colon, to = ""] = /^(\d{0,15})(:?)(\d{0,15})$/.exec(text.trim()) ?? [];
  const isSingle = colon === "" && from !== "" && to === "";
  const span = isSingle
    ? { start: Number(from), stop: Number(from) + 1 }
    : { start: Number(from), stop: to === "" ? undefined : Number(to) };
  const isRange = colon === ":" && (from !== "" || to !== "") && span.start < (span.stop ?? Infinity);
  return isSingle || isRange ? span : undefined;
}

function spanOf(option: string): (text: string) => Span {
  return (text) => {
    const span = parseSpan(text);
    if (span === undefined) throw notARange(option, text);
    return span;
  };
}

function spanOrChannel(text: string): Span | ChannelName {
  const span = parseSpan(text);
  if (span !== undefined) return span;
  if (/[^\d\s:.,-]/u.test(text)) return { channel: text };
  throw notARange("--c", text, ', or the name of a channel; "ozx info" lists them');
}

function notARange(option: string, text: string, others = ""): UsageError {
  if (/^\d{1,15}:\d{1,15}$/.test(text.trim())) {
    return new UsageError(
      `${option} ${JSON.stringify(text)} is empty: a range ends behind its start, as in 0:10 (without 10 itself)`,
    );
  }
  return new UsageError(
    `${option} ${JSON.stringify(text)} is not a range: give positions counted from 0, as in 0:10 (without 10 itself), 4: or 1${others}`,
  );
}

/** Parses the value of `--shard`: `auto`, `none`, or sizes in pixels by axis as in `z=8,y=2048,x=2048`. */
export function parseShardOption(text: string): ShardRequest {
  if (text === "auto" || text === "none") return text;
  return parseSizes(
    text,
    `--shard ${JSON.stringify(text)} is not a shard shape: give auto, none, or sizes in pixels as in z=8,y=2048,x=2048`,
  );
}

/** Parses the value of `--jobs`: a number of threads. */
export function parseJobs(text: string): number {
  const jobs = /^\d+$/.test(text) ? Number(text) : 0;
  if (jobs >= 1 && jobs <= MOST_JOBS) return jobs;
  throw new UsageError(`--jobs takes a number of threads from 1 to ${MOST_JOBS}, not ${text}`);
}

const MOST_JOBS = 256;
