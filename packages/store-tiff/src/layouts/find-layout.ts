import type { ReadOptions } from "@ozx/core";
import type { TiffFile } from "../read/tiff-file.js";
import type { Layout } from "./layout.js";
import { plainLayout } from "./plain.js";

/** What a TIFF holds, by what wrote it. */
export async function findLayout(file: TiffFile, options?: ReadOptions): Promise<Layout> {
  return plainLayout(file, options);
}
