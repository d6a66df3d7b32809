import { UnsupportedError } from "@ozx/core";
import type { Dimension, DirectoryEntry } from "../parse/directory-entry.js";
import { isKnownCompression, nameOfCompression, nameOfPixelType, pixelTypeOf } from "../parse/pixel-types.js";

/** The dimensions that OME-Zarr has no axis for: each place along them is an image of its own. */
const APART = ["S", "R", "I", "B", "H", "V"] as const satisfies readonly Dimension[];
type Apart = (typeof APART)[number];

/** What belongs to one image. */
export interface SceneGroup {
  /** Where it is along the dimensions that are not axes; undefined along those that it does not have. */
  readonly at: Readonly<Partial<Record<Apart, number>>>;
  /** Samples of a pixel. */
  readonly samples: number;
  /** How many pixels are stored for one that the directory counts in; undefined for one. */
  readonly density?: { readonly x: number; readonly y: number } | undefined;
  readonly entries: readonly DirectoryEntry[];
}

/** More images than anybody could list. */
const MOST_IMAGES = 65_536;
/** Bytes of a tile, as a typed array and WebAssembly can be expected to hold. */
const LARGEST_TILE = 2 ** 31 - 1;

/**
 * The entries by the images that they are parts of (what is at no place along a dimension is at its start, but not in its
 * first scene), in the order of the places along S, R, I, B, H and V.
 *
 * @throws UnsupportedError for pixels that are not read
 */
export function groupScenes(entries: readonly DirectoryEntry[], name: string): SceneGroup[] {
  const groups = new Map<string, { at: SceneGroup["at"]; samples: number; entries: DirectoryEntry[] }>();
  for (const entry of entries) {
    const samples = checkReadable(entry, name);
    const key = `${APART.map((dimension) => entry.start[dimension] ?? (dimension === "S" ? "" : 0)).join()},${samples}`;
    const known = groups.get(key);
    if (known !== undefined) {
      known.entries.push(entry);
      continue;
    }
    if (groups.size === MOST_IMAGES) {
      throw refused(name, `more than ${MOST_IMAGES} images`, "save fewer scenes with ZEN");
    }
    const at = Object.fromEntries(
      APART.flatMap((dimension) => {
        const start = entry.start[dimension];
        return start === undefined ? [] : [[dimension, start]];
      }),
    );
    groups.set(key, { at, samples, entries: [entry] });
  }
  return [...groups.values()].sort((a, b) => compare(a, b));
}

function compare(a: Omit<SceneGroup, "entries">, b: Omit<SceneGroup, "entries">): number {
  for (const dimension of APART) {
    const difference = (a.at[dimension] ?? -1) - (b.at[dimension] ?? -1);
    if (difference !== 0) return difference;
  }
  return a.samples - b.samples;
}

/** The samples of an entry's pixels. @throws UnsupportedError */
function checkReadable(
  { pixelType, compression, storedWidth, storedHeight, several }: DirectoryEntry,
  name: string,
): number {
  if (several !== undefined) {
    const { dimension, count } = several;
    throw refused(name, `a subblock of ${count} planes along ${dimension}`, "export it from ZEN");
  }
  const type = pixelTypeOf(pixelType);
  if (type === undefined)
    throw refused(name, `pixels of ${nameOfPixelType(pixelType)}`, "export it from ZEN");
  if (!isKnownCompression(compression)) {
    throw refused(
      name,
      `pixels in ${nameOfCompression(compression)}`,
      "save it with another compression in ZEN",
    );
  }
  const bytes = storedWidth * storedHeight * type.samples * type.itemSize;
  if (bytes > LARGEST_TILE) {
    throw refused(
      name,
      `a tile of ${storedWidth} × ${storedHeight} pixels`,
      "save it with smaller tiles in ZEN",
    );
  }
  return type.samples;
}

/** The error for what is not read. @param feature follows "has" */
export function refused(name: string, feature: string, wayOut: string): UnsupportedError {
  return new UnsupportedError(
    `${name} cannot be read: it has ${feature}, which is not supported; ${wayOut}`,
    {
      location: name,
      feature,
    },
  );
}
