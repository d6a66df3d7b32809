import type { AbsolutePath, Store } from "@ozx/core";
import type { FrameArray } from "./frame-array.js";

/** A `Store` over an ND2. */
export interface Nd2Store extends Store {
  /** How the positions are stored in the file, by the paths of their arrays. */
  readonly arrays: ReadonlyMap<AbsolutePath, FrameArray>;
}

/** The key of the metadata that the file has. */
export const METADATA: AbsolutePath = "/OME/METADATA.nd2.json";
