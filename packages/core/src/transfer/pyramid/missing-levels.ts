import { type SmallerLevel, smallerLevels } from "../../image/pyramid-shapes.js";
import type { Image, LabelImage, Level, Multiscale } from "../../ome/model.js";
import { resolvePath } from "../../ome/resolve-path.js";
import type { AbsolutePath } from "../../store/store.js";
import type { ArrayNode } from "../../zarr/node.js";

/** Levels that a multiscale lacks. */
export interface MissingLevels {
  readonly image: Image | LabelImage;
  /** Which of the image's multiscales. */
  readonly index: number;
  readonly multiscale: Multiscale;
  /** The smallest level that is there, which the others are made of. */
  readonly smallest: Level & { readonly array: ArrayNode };
  readonly levels: readonly (SmallerLevel & { readonly name: string; readonly path: AbsolutePath })[];
}

/**
 * The levels that the multiscales of an image lack below their smallest one.
 *
 * @param isTaken whether something lies at a path already
 */
export function missingLevels(
  image: Image | LabelImage,
  isTaken: (path: AbsolutePath) => boolean,
): MissingLevels[] {
  return image.multiscales.flatMap((multiscale, index) => {
    const smallest = multiscale.levels.at(-1);
    if (smallest?.array === undefined) return [];
    const { shape } = smallest.array.array;
    if (shape.length !== multiscale.axes.length) return [];
    const levels = smallerLevels({ ...smallest, shape }, multiscale.axes);
    if (levels.length === 0) return [];
    const first = image.path === "/" ? smallest.path.slice(1) : smallest.path.slice(image.path.length + 1);
    const names = namesAfter(first, (name) => isTaken(resolvePath(image.path, name) ?? "/"));
    const named = levels.map((level) => {
      const name = names();
      return { ...level, name, path: resolvePath(image.path, name) ?? "/" };
    });
    return [{ image, index, multiscale, smallest: { ...smallest, array: smallest.array }, levels: named }];
  });
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
