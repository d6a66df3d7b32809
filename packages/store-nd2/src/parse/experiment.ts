import {
  levelAt,
  levelsIn,
  numberAt,
  textAt,
  type Variant,
  type VariantLevel,
  valueAt,
} from "./lite-variant.js";

/** A loop of an acquisition. Frames are numbered by nested loops, the first outermost. */
export interface Loop {
  readonly axis: "t" | "p" | "z";
  /** How many steps it has. */
  readonly count: number;
  /** The distance of two steps: milliseconds of t, micrometers of z; undefined where it is not known or varies. */
  readonly step?: number | undefined;
  /** Of p: one for each step. */
  readonly positions?: readonly Position[] | undefined;
}

/** A position of the stage. */
export interface Position {
  readonly name?: string | undefined;
  /** Micrometers. */
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  readonly z?: number | undefined;
}

/** The loops of an experiment, and the kinds of those that are not understood. */
export interface Experiment {
  /** With the outermost first. */
  readonly loops: readonly Loop[];
  /** As in `a polar loop`. */
  readonly unknown: readonly string[];
  /** Whether a loop says in a way that is not understood which of its steps were taken. */
  readonly isUncertain: boolean;
}

/** What a type of a loop (`eType`) goes along; the channels of a spectral loop are in the frames. */
const KINDS: Readonly<Record<number, Loop["axis"] | "channels">> = {
  1: "t",
  2: "p",
  3: "p",
  4: "z",
  6: "channels",
  8: "t",
  9: "t",
  10: "z",
};
const NAMES: Readonly<Record<number, string>> = { 5: "a polar loop", 7: "a custom loop" };
/** The deepest nesting. */
const DEEPEST = 16;
/** Steps of a loop, at most. */
const MOST_STEPS = 2 ** 31;

/**
 * The loops of an experiment. Of loops beside one another the first counts, and of several along its axis the longest; what
 * is nested in a loop that took no step was not acquired.
 *
 * @returns no loops where a file has no experiment: it is one frame, or a series of them
 */
export function parseExperiment(root: VariantLevel | undefined): Experiment {
  const unknown: string[] = [];
  let isUncertain = false;
  const nested: { readonly loop: Loop; readonly depth: number }[] = [];
  const collect = (level: VariantLevel, depth: number): void => {
    if (depth >= DEEPEST) return;
    const type = numberAt(level, "eType") ?? 0;
    const axis = KINDS[type];
    if (axis === undefined && countOf(parametersOf(level)) > 1)
      unknown.push(NAMES[type] ?? `a loop of type ${type}`);
    if (axis !== undefined && axis !== "channels") {
      if (!hasKnownSteps(level)) isUncertain = true;
      const loop = parseLoop(level, axis, type);
      if (loop === undefined) return;
      const last = nested.at(-1);
      if (last === undefined || last.depth < depth) nested.push({ loop, depth });
      else if (last.depth === depth && last.loop.axis === axis && last.loop.count < loop.count)
        nested[nested.length - 1] = { loop, depth };
    }
    const inner = levelsIn(levelAt(level, "ppNextLevelEx"));
    const parts = inner.length > 0 ? [] : subLoopsOf(parametersOf(level));
    for (const one of [...inner, ...parts]) collect(one, depth + 1);
  };
  const experiment = levelAt(root, "SLxExperiment") ?? root;
  if (experiment !== undefined) collect(experiment, 0);
  return { loops: nested.map(({ loop }) => loop), unknown, isUncertain };
}

/** The loops within the first period of an acquisition that was paused and changed; those within others are like them. */
function subLoopsOf(parameters: VariantLevel | undefined): readonly VariantLevel[] {
  const [first] = levelsIn(levelAt(parameters, "pSubLoops"));
  return levelsIn(levelAt(first, "ppNextLevelEx")).map((level) => levelAt(level, "SLxExperiment") ?? level);
}

function parseLoop(level: VariantLevel, axis: Loop["axis"], type: number): Loop | undefined {
  const parameters = parametersOf(level);
  if (axis === "p") {
    const positions = positionsOf(parameters, valueAt(level, "pItemValid"));
    const count = positions.length || countOf(parameters);
    return count > 0 ? { axis, count, ...(positions.length > 0 && { positions }) } : undefined;
  }
  if (axis === "z") {
    const count = countOf(parameters);
    return count > 0 ? { axis, count, step: zStep(parameters, count) } : undefined;
  }
  const hasPeriods = type === 8 && levelsIn(levelAt(parameters, "pPeriod")).length > 0;
  const periods = hasPeriods ? validPeriods(parameters) : [];
  // The count of a loop with periods is that of the periods, also of those that were not acquired.
  const count = hasPeriods ? periods.reduce((sum, period) => sum + countOf(period), 0) : countOf(parameters);
  const steps = new Set((periods.length > 0 ? periods : [parameters]).map((one) => numberAt(one, "dPeriod")));
  const [step = 0] = steps;
  return count > 0 ? { axis, count, step: steps.size === 1 && step > 0 ? step : undefined } : undefined;
}

/** The parameters, which older files wrap in a list of one. */
function parametersOf(level: VariantLevel): VariantLevel | undefined {
  const parameters = levelAt(level, "uLoopPars");
  const [only] = parameters?.items ?? [];
  const isWrapped = parameters?.items.length === 1 && /^(?:i0*|)$/.test(only?.name ?? "-");
  return isWrapped ? levelsIn(parameters)[0] : parameters;
}

function countOf(parameters: VariantLevel | undefined): number {
  const count = numberAt(parameters, "uiCount") ?? 0;
  return Number.isInteger(count) && count > 0 && count <= MOST_STEPS ? count : 0;
}

function positionsOf(parameters: VariantLevel | undefined, valid: Variant | undefined): Position[] {
  const points = pointsOf(parameters);
  const positions = points.map(
    (point): Position => ({
      name: textAt(point, "pPosName") ?? textAt(point, "dPosName"),
      x: numberAt(point, "dPosX"),
      y: numberAt(point, "dPosY"),
      z: numberAt(point, "dPosZ"),
    }),
  );
  return positions.filter((_, k) => isValid(valid, k));
}

/** The points of a loop along positions; older files have a list of each coordinate instead. */
function pointsOf(parameters: VariantLevel | undefined): readonly VariantLevel[] {
  const points = levelsIn(levelAt(parameters, "Points"));
  if (points.length > 0) return points;
  const lists = ["dPosX", "dPosY", "dPosZ", "pPosName"].flatMap((name) => {
    const list = levelAt(parameters, name);
    return list === undefined ? [] : [{ name, list }];
  });
  const count = lists.length === 0 ? 0 : Math.min(countOf(parameters), lists[0]?.list.items.length ?? 0);
  return Array.from({ length: count }, (_, k) => ({
    items: lists.flatMap(({ name, list }) => {
      const value = list.items[k]?.value;
      return value === undefined ? [] : [{ name, value }];
    }),
  }));
}

/** Whether a step was taken, by a flag for each step: all were where there are no flags. */
function isValid(flags: Variant | undefined, step: number): boolean {
  if (flags instanceof Uint8Array) return flags.length === 0 || Boolean(flags[step]);
  return typeof flags !== "object" || flags.items[step]?.value !== false;
}

/** Whether the flags of a loop's steps, where it has any, are understood. */
function hasKnownSteps(level: VariantLevel): boolean {
  const parameters = parametersOf(level);
  return [valueAt(level, "pItemValid"), valueAt(parameters, "pPeriodValid")].every(
    (flags) => flags === undefined || typeof flags === "object",
  );
}

function zStep(parameters: VariantLevel | undefined, count: number): number | undefined {
  const step = Math.abs(numberAt(parameters, "dZStep") ?? 0);
  if (step > 0) return step;
  const [low, high] = [numberAt(parameters, "dZLow"), numberAt(parameters, "dZHigh")];
  if (low === undefined || high === undefined || low === high || count < 2) return undefined;
  return Math.abs(high - low) / (count - 1);
}

function validPeriods(parameters: VariantLevel | undefined): readonly VariantLevel[] {
  const valid = valueAt(parameters, "pPeriodValid");
  return levelsIn(levelAt(parameters, "pPeriod")).filter((_, k) => isValid(valid, k));
}
