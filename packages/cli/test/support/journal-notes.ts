import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How many notes the journal in a folder has, of a run that was cut short or is under way; of several the longest. */
export function journalNotes(folder: string): number {
  const journals = readdirSync(folder).filter((name) => name.endsWith(".journal"));
  return Math.max(0, ...journals.map((name) => linesOf(join(folder, name)) - 2));
}

/** A journal is gone when its run is done with it, or another one has taken it over. */
function linesOf(path: string): number {
  try {
    return readFileSync(path, "utf8").split("\n").length;
  } catch {
    return 0;
  }
}
