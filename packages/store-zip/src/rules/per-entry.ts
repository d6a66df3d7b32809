import { type DirectoryEntry, entryAt } from "../directory/central-directory.js";
import type { ArchiveFacts } from "./facts.js";
import type { Breach } from "./rule.js";

/** Each entry that `isBroken` names, with what there is to say about it. */
export function* perEntry(
  { archive: { directory } }: ArchiveFacts,
  isBroken: (index: number) => boolean,
  say: (entry: DirectoryEntry) => string,
  rest?: Omit<Breach, "message" | "where">,
): Generator<Breach> {
  for (let index = 0; index < directory.count; index++) {
    if (!isBroken(index)) continue;
    const entry = entryAt(directory, index);
    yield { where: `/${entry.name}`, message: say(entry), ...rest };
  }
}
