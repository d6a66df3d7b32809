// @ts-check
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A path below the repository.
 *
 * @param {string} path with `/`
 */
export function inRoot(path) {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
