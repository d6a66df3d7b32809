import { runPython } from "./run.js";

/** What zarr-python finds when it reads a folder and an archive side by side; paths without a leading `/`. */
export interface Comparison {
  readonly arrays: readonly string[];
  readonly groups: readonly string[];
  readonly missing: readonly string[];
  readonly added: readonly string[];
  readonly differentValues: readonly string[];
  readonly differentAttributes: readonly string[];
  readonly zarrFormats: readonly number[];
}

export async function compareValues(folder: string, archive: string): Promise<Comparison> {
  return (await runPython("compare_values.py", folder, archive)) as Comparison;
}
