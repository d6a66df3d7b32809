import type { AbsolutePath } from "../store/store.js";

/** One way in which two hierarchies are not the same. */
export interface Difference {
  readonly kind: "missing" | "metadata" | "values" | "bytes";
  readonly path: AbsolutePath;
  /** What differs, in a sentence that names both sides. */
  readonly message: string;
}
