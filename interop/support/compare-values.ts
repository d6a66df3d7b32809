import { runPython } from "./run.js";

/** The differences that zarr-python finds between a folder and an archive; paths have no leading `/`. */
interface Comparison {
  readonly arrays: readonly string[];
  readonly groups: readonly string[];
  readonly missing: readonly string[];
  readonly added: readonly string[];
  readonly differentValues: readonly string[];
  readonly differentAttributes: readonly string[];
  readonly zarrFormats: readonly number[];
}

/** Compares a folder with an archive by reading both with zarr-python. */
export async function compareValues(folder: string, archive: string): Promise<Comparison> {
  return (await runPython("compare_values.py", folder, archive)) as Comparison;
}
