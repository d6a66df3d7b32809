import { existsSync } from "node:fs";
import { openOmeZarr, type ReadOptions, type Store } from "@ozx/core";
import { openPath } from "@ozx/core/node";
import { formats } from "../formats.js";
import type { ImagePart } from "./value-kinds.js";

/** A value, and what it is for a person. */
export type ListedValue = readonly [value: string, what: string];

/** More than this many are no help. */
const MOST_VALUES = 500;

/**
 * Lists what an option may take of the image that a command line names: the first of the words that is a file or folder.
 * Servers are not asked, since a shell waits meanwhile.
 *
 * @param words the command line without the command
 */
export async function listValues(
  part: ImagePart,
  words: readonly string[],
  options?: ReadOptions,
): Promise<readonly ListedValue[]> {
  const path = words.find((word) => !word.startsWith("-") && existsSync(word));
  if (path === undefined) return [];
  const store = await openPath(path, { ...options, formats });
  if (part !== "key") return listOfImage(part, store, options);
  try {
    return await listKeys(store, options);
  } finally {
    await store.close();
  }
}

async function listKeys(store: Store, options?: ReadOptions): Promise<ListedValue[]> {
  const keys: ListedValue[] = [];
  for await (const { key } of store.list(options)) {
    keys.push([key.slice(1), ""]);
    if (keys.length === MOST_VALUES) break;
  }
  return keys;
}

async function listOfImage(
  part: Exclude<ImagePart, "key">,
  store: Store,
  options?: ReadOptions,
): Promise<ListedValue[]> {
  const node = await openOmeZarr(store, { ...options, formats });
  try {
    if (part === "node") {
      const nodes = [...node.wells, ...(node.kind === "plate" ? [] : node.images), ...node.labels];
      return nodes
        .filter(({ path }) => path !== "/")
        .slice(0, MOST_VALUES)
        .map(({ path }) => [path.slice(1), ""]);
    }
    const [image] = node.images;
    if (image === undefined) return [];
    if (part === "level") {
      const levels = image.levels.map(({ shape }, index) => [String(index), shape.join(" × ")] as const);
      return image.levels.length > 1 ? [["1:", "all but the largest"], ...levels] : levels;
    }
    const axis = image.axes.findIndex(({ name }) => name === part);
    const extent = image.level(0).shape[axis];
    if (extent === undefined) return [];
    const whole: ListedValue = [`0:${extent}`, "all"];
    if (part !== "c") return [whole];
    const channels = Array.from({ length: Math.min(extent, MOST_VALUES) }, (_, channel) => {
      return [String(channel), image.channels[channel]?.label ?? ""] as const;
    });
    return [...channels, whole];
  } finally {
    await node.close();
  }
}
