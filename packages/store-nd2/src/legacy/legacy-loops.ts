import { type Experiment, type Loop, parseExperiment } from "../parse/experiment.js";
import { levelsIn, type VariantLevel, valueAt } from "../parse/lite-variant.js";

/** Levels that are searched for the one with what is looked for: wrappers differ from version to version. */
const MOST_LEVELS = 10_000;

/** The first level, from the outside to the inside, that has one of some values. */
export function levelWith(
  root: VariantLevel | undefined,
  names: readonly string[],
): VariantLevel | undefined {
  const levels = root === undefined ? [] : [root];
  for (let k = 0; k < levels.length && k < MOST_LEVELS; k++) {
    const level = levels[k];
    if (names.some((name) => valueAt(level, name) !== undefined)) return level;
    levels.push(...levelsIn(level));
  }
  return undefined;
}

/** `Dimensions: T(3) x XY(4)`, in the words that describe a file. */
const DIMENSIONS = /Dimensions:\s*([^\r\n]+)/;
const DIMENSION = /(T|XY|Z)'?\((\d{1,9})\)/g;
const AXES: Readonly<Record<string, Loop["axis"]>> = { T: "t", XY: "p", Z: "z" };

/**
 * The loops of an acquisition: nested, or beside one another with the outermost first. Where they do not come to the
 * frames of the file and the words that describe it do, these say how many steps there are.
 *
 * @param words what describes the file
 * @param count of frames in the file
 */
export function legacyExperiment(root: VariantLevel | undefined, words: string, count: number): Experiment {
  const level = levelWith(root, ["eType", "LoopNo00"]);
  const beside = level?.items.filter(({ name }) => /^LoopNo\d+$/.test(name)) ?? [];
  const parts = beside.length > 0 ? levelsIn({ items: beside }) : level === undefined ? [] : [level];
  const found = parts.map((part) => parseExperiment(part));
  const loops = found.flatMap((one) => one.loops);
  const unknown = found.flatMap((one) => one.unknown);
  const said = saidLoops(words, loops);
  const takesSaid = product(loops) !== count && product(said) === count;
  const isUncertain = !takesSaid && found.some((one) => one.isUncertain);
  return { loops: takesSaid ? said : loops, unknown: takesSaid ? [] : unknown, isUncertain };
}

function saidLoops(words: string, loops: readonly Loop[]): Loop[] {
  const [, text = ""] = DIMENSIONS.exec(words) ?? [];
  return [...text.matchAll(DIMENSION)].flatMap(([, name = "", count]) => {
    const axis = AXES[name];
    if (axis === undefined) return [];
    const { step, positions } = loops.find((loop) => loop.axis === axis) ?? {};
    return { axis, count: Number(count), step, positions: positions?.slice(0, Number(count)) };
  });
}

function product(loops: readonly Loop[]): number {
  return loops.reduce((all, { count }) => all * count, 1);
}
