import { createPacer, type ReadOptions, type StoreStamp } from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { type CentralDirectory, findEntry } from "../directory/central-directory.js";

const encoder = new TextEncoder();

/**
 * A stamp of entries, in their order, from their names and CRCs: what is read is held against these, so nothing else can
 * be read while they stay.
 */
export async function stampEntries(
  directory: CentralDirectory,
  names: Iterable<string>,
  options?: ReadOptions,
): Promise<StoreStamp> {
  const pause = createPacer();
  let count = 0;
  let crc = 0;
  for (const name of names) {
    count++;
    crc = crc32(encoder.encode(`${name} ${findEntry(directory, name)?.crc}\n`), crc);
    const rest = pause();
    if (rest === undefined) continue;
    await rest;
    options?.signal?.throwIfAborted();
  }
  return { text: `${count}-${crc.toString(16)}` };
}
