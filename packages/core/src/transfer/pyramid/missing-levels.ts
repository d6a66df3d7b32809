import type { Finding } from "../../findings.js";
import { type PyramidLevel, pyramidLevels } from "../../image/pyramid-shapes.js";
import type { Image, LabelImage, Level, Multiscale } from "../../ome/model.js";
import { resolvePath } from "../../ome/ome-metadata.js";
import { TRANSFORM_LENGTH, UNREADABLE_PART, UNSUPPORTED_TRANSFORM } from "../../ome/read-context.js";
import type { AbsolutePath } from "../../store/store.js";
import type { ArrayNode } from "../../zarr/zarr-node.js";

/** Levels that a multiscale lacks. */
export interface MissingLevels {
  readonly image: Image | LabelImage;
  /** Which of the image's multiscales. */
  readonly index: number;
  readonly multiscale: Multiscale;
  /** The smallest level that is there, which the others are made of. */
  readonly smallest: Level & { readonly array: ArrayNode };
  readonly levels: readonly (PyramidLevel & { readonly name: string; readonly path: AbsolutePath })[];
  /** Whether an earlier multiscale of the image lacks the same ones, so that they are made already. */
  readonly isShared: boolean;
}

/**
 * The levels that the multiscales of an image lack below their smallest one. Multiscales with the same smallest level
 * share what is made of it; others never have the same names.
 *
 * @param isTaken whether something lies at a path already
 */
export function missingLevels(
  image: Image | LabelImage,
  isTaken: (path: AbsolutePath) => boolean,
): MissingLevels[] {
  const found: MissingLevels[] = [];
  const given = new Set<AbsolutePath>();
  const pathOf = (name: string): AbsolutePath => resolvePath(image.path, name) ?? "/";
  for (const [index, multiscale] of image.multiscales.entries()) {
    const smallest = multiscale.levels.at(-1);
    if (smallest?.array === undefined || !isPlaced(smallest)) continue;
    const { shape } = smallest.array.array;
    if (shape.length !== multiscale.axes.length) continue;
    const levels = pyramidLevels({ ...smallest, shape }, multiscale.axes);
    if (levels.length === 0) continue;
    const twin = found.find((one) => isMadeAlike(one, { multiscale, smallest, levels }));
    const first = image.path === "/" ? smallest.path.slice(1) : smallest.path.slice(image.path.length + 1);
    const next = namesAfter(first, (name) => isTaken(pathOf(name)) || given.has(pathOf(name)));
    const named = levels.map((level, k) => {
      const name = twin?.levels[k]?.name ?? next();
      return { ...level, name, path: pathOf(name) };
    });
    for (const { path } of named) given.add(path);
    const isShared = twin !== undefined;
    found.push({
      image,
      index,
      multiscale,
      smallest: { ...smallest, array: smallest.array },
      levels: named,
      isShared,
    });
  }
  return found;
}

/** Whether the levels of one multiscale are those of another one: made of the same array, in the same steps. */
function isMadeAlike(
  one: MissingLevels,
  other: {
    readonly multiscale: Multiscale;
    readonly smallest: Level;
    readonly levels: readonly PyramidLevel[];
  },
): boolean {
  const recipe = ({ multiscale, levels }: typeof other): string =>
    JSON.stringify([multiscale.axes.map(({ name }) => name), levels.map(({ factors }) => factors)]);
  return one.smallest.path === other.smallest.path && recipe(one) === recipe(other);
}

/** Whether it is known where the pixels of a level lie; those of one below it would be put anywhere otherwise. */
function isPlaced({ problems }: Level): boolean {
  return !problems.some(({ rule }) => TRANSFORM_RULES.has(rule));
}

const TRANSFORM_RULES: ReadonlySet<string> = new Set(
  [UNREADABLE_PART, TRANSFORM_LENGTH, UNSUPPORTED_TRANSFORM].map(({ rule }) => rule),
);

/**
 * Tells of multiscales to which nothing can be added, for their last level is not there, has other axes, or is placed
 * by something else than numbers of a scale and a translation.
 */
export function* hopelessMultiscales({ path, multiscales }: Image | LabelImage): Generator<Finding> {
  for (const { levels, axes } of multiscales) {
    const smallest = levels.at(-1);
    if (smallest === undefined) continue;
    const why = whyHopeless(smallest, axes.length);
    if (why === undefined) continue;
    yield {
      rule: "no-levels-added",
      level: "policy",
      severity: "warning",
      where: path,
      message: `No levels are added to the image ${path}: ${why}, which is to be its smallest level.`,
      help: "Correct the list of levels, or leave the last ones out with --levels.",
    };
  }
}

function whyHopeless(smallest: Level, axes: number): string | undefined {
  if (smallest.array === undefined) return `there is no array at ${smallest.path}`;
  if (smallest.array.array.shape.length !== axes) {
    return `the array ${smallest.path} has other dimensions than the image has axes`;
  }
  return isPlaced(smallest)
    ? undefined
    : `the place of its pixels cannot be computed from the transformations of ${smallest.path}`;
}

/** Counts on from the last number in a name: `0` goes on with `1`, `s2` with `s3`, `scale0/image` with `scale1/image`. */
function namesAfter(last: string, isTaken: (name: string) => boolean): () => string {
  const [, before = `${last}_`, digits = "0", after = ""] = /^(.*?)(\d{1,9})(\D*)$/.exec(last) ?? [];
  let number = Number(digits);
  return () => {
    let name: string;
    do name = `${before}${++number}${after}`;
    while (isTaken(name));
    return name;
  };
}
