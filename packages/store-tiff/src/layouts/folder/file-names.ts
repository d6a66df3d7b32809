import { UsageError } from "@ozx/core";

/** The axes that names of files may say, `p` for positions. */
export type NameAxis = "t" | "c" | "z" | "p";

/** A file, with what its name says. */
export interface NamedFile {
  readonly path: string;
  readonly at: Readonly<Partial<Record<NameAxis, number | string>>>;
}

/** What may stand between the braces of a pattern. */
const AXES: Readonly<Record<string, NameAxis>> = { t: "t", c: "c", z: "z", p: "p", s: "p" };

/**
 * The files whose paths fit a pattern such as `img_t{t}_c{c}_z{z}.tif`.
 *
 * @throws UsageError for a pattern that says nothing, or something that is not known
 */
export function matchPattern(pattern: string, paths: readonly string[]): NamedFile[] {
  const axes: NameAxis[] = [];
  const expression = pattern.replace(/\{([a-z]+)\}|[^{}]+|[{}]/gi, (part, name: string | undefined) => {
    if (name === undefined) return escapeText(part);
    const axis = AXES[name.toLowerCase()];
    if (axis === undefined || axes.includes(axis)) {
      throw new UsageError(
        axis === undefined
          ? `{${name}} in ${pattern} is not known: a pattern has {t}, {c}, {z} and {p} for positions`
          : `${pattern} has {${name}} twice: each part of a name can be one axis`,
      );
    }
    axes.push(axis);
    // Channels and positions may have names.
    return axis === "t" || axis === "z" ? String.raw`(-?\d+)` : "([^/]+?)";
  });
  const regular = new RegExp(`^${expression}$`);
  return paths.flatMap((path): NamedFile[] => {
    const values = regular.exec(path)?.slice(1);
    return values === undefined ? [] : [{ path, at: coordinates(axes, values) }];
  });
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function coordinates(axes: readonly NameAxis[], values: readonly string[]): NamedFile["at"] {
  return Object.fromEntries(axes.map((axis, k) => [axis, numberOr(values[k] ?? "")]));
}

function numberOr(text: string): number | string {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Letters before a number, by axis: `t001`, `time_3`, `ch00`, `w1`, `z12`, `Pos4`, `s2`. */
const WORDS: readonly (readonly [NameAxis, string])[] = [
  ["t", "t|tp|time|timepoint|frame"],
  ["c", "c|ch|channel|w|wavelength"],
  ["z", "z|slice|plane"],
  ["p", "p|pos|position|xy|s|series|site|field"],
];
/** The names of Micro-Manager 1.4: time, channel, z. */
const OLD_MICRO_MANAGER = /^(.*\/)?img_(\d{9})_(.+)_(\d{3,})\.tiff?$/i;

/**
 * What names of files say by their usual words. All of them must say the same axes, and differ in nothing else.
 *
 * @returns undefined where they do not
 */
export function readNames(paths: readonly string[]): NamedFile[] | undefined {
  const old = paths.map((path) => OLD_MICRO_MANAGER.exec(path));
  if (old.every((match) => match !== null)) {
    return old.map((match, k) => ({
      path: paths[k] as string,
      at: coordinates(["t", "c", "z"], [match?.[2] ?? "", match?.[3] ?? "", match?.[4] ?? ""]),
    }));
  }
  const read = paths.map(readName);
  const [first] = read;
  const isAlike = first !== undefined && read.every(({ rest }) => rest === first.rest);
  if (!isAlike || Object.keys(first.at).length === 0) return undefined;
  return read.map(({ at }, k) => ({ path: paths[k] as string, at }));
}

/** What a name says, and what of it is left. */
function readName(path: string): { at: NamedFile["at"]; rest: string } {
  let rest = path.replace(/\.(?:ome\.)?tiff?$/i, "");
  const at: Partial<Record<NameAxis, number | string>> = {};
  for (const [axis, words] of WORDS) {
    const word = new RegExp(`(^|[^a-z])(?:${words})[-_]?(\\d{1,15})(?![0-9])`, "i");
    const match = word.exec(rest);
    if (match === null) continue;
    at[axis] = Number(match[2]);
    rest = rest.replace(word, `$1{${axis}}`);
  }
  return { at, rest };
}
