/**
 * `lifFormat` for Node: threads open files for themselves.
 *
 * @module
 */

import type { StoreFormat } from "@ozx/core";
import { lifFormat as ownFormat } from "../format/lif-format.js";

/** `lifFormat` of `@ozx/store-lif`, which threads find. */
export const lifFormat: StoreFormat = {
  ...ownFormat,
  module: { href: new URL("./index.js", import.meta.url).href, name: "lifFormat" },
};
