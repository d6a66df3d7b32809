import type { DirectoryEntry } from "../parse/directory-entry.js";
import { refused, type SceneGroup } from "./group-scenes.js";
import { isFull } from "./pyramid-factor.js";

type Density = NonNullable<SceneGroup["density"]>;

/** How far densities of tiles of one image lie apart, since writers round sizes of tiles. */
const TOLERANCE = 0.02;
/** Renderings of a scene, at most: files have one or two. */
const MOST_RENDERINGS = 64;

/**
 * Renderings with more pixels than were acquired, as PALM makes them, are images of their own beside what was acquired: each
 * has the pixels that are stored, and nothing is resampled.
 *
 * @param name of the file, in errors
 * @throws UnsupportedError for more than any file has
 */
export function splitByDensity(group: SceneGroup, name: string): SceneGroup[] {
  const isDenser = (entry: DirectoryEntry): boolean => {
    const { x, y } = densityOf(entry);
    return Math.max(x, y) > 1;
  };
  const denser = group.entries.filter(isDenser);
  if (denser.length === 0) return [group];
  const renderings: { density: Density; entries: DirectoryEntry[] }[] = [];
  for (const entry of denser) {
    const density = densityOf(entry);
    const known = renderings.find((one) => isNear(one.density, density));
    if (known !== undefined) {
      known.entries.push(entry);
      continue;
    }
    if (renderings.length === MOST_RENDERINGS) {
      throw refused(name, `tiles of more than ${MOST_RENDERINGS} densities`, "save it again with ZEN");
    }
    renderings.push({ density, entries: [entry] });
  }
  const rest = group.entries.filter((entry) => !isDenser(entry));
  return [
    ...(rest.some(isFull) ? [{ ...group, entries: rest }] : []),
    ...renderings.map(({ density, entries }) => inStoredPixels({ ...group, entries }, density)),
  ];
}

/**
 * A scene of which no tile has as many pixels as the directory counts, as fast Airyscan leaves it: the most detailed of its
 * tiles are its full resolution.
 */
export function atMostDetailed(group: SceneGroup): SceneGroup {
  if (group.entries.some(isFull)) return group;
  const [most] = group.entries.map(densityOf).sort((a, b) => b.x * b.y - a.x * a.y);
  return most === undefined ? group : inStoredPixels(group, most);
}

function densityOf({ width, height, storedWidth, storedHeight }: DirectoryEntry): Density {
  return { x: storedWidth / width, y: storedHeight / height };
}

function isNear(one: Density, other: Density): boolean {
  return (["x", "y"] as const).every((axis) => Math.abs(one[axis] / other[axis] - 1) <= TOLERANCE);
}

/** A group whose directory counts in the pixels that its most detailed tiles have. */
function inStoredPixels(group: SceneGroup, density: Density): SceneGroup {
  const entries = group.entries.map((entry) => {
    const isBase = isNear(densityOf(entry), density);
    return {
      ...entry,
      x: Math.round(entry.x * density.x),
      y: Math.round(entry.y * density.y),
      width: isBase ? entry.storedWidth : Math.round(entry.width * density.x),
      height: isBase ? entry.storedHeight : Math.round(entry.height * density.y),
    };
  });
  return { ...group, density, entries };
}
