/**
 * The ready-made library for Node: core and the containers that the command knows, put together.
 *
 * @module
 */

import type { ReadOptions, Store } from "@ozx/core";
import { openPath } from "@ozx/core/node";
import { formats } from "./formats.js";

export { formats } from "./formats.js";

/**
 * Opens an OME-Zarr folder, `.ozx` or zip as a store, which zarrita reads arrays from.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError, InvalidArchiveError, UnsupportedError
 */
export function open(path: string, options?: ReadOptions): Promise<Store> {
  return openPath(path, { ...options, formats });
}
