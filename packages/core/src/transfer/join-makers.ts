import type { EntryMaker } from "../store/target.js";

/** One maker of what several make, one after the other; undefined where there is none. */
export function joinMakers(makers: readonly (EntryMaker | undefined)[]): EntryMaker | undefined {
  const all = makers.filter((maker) => maker !== undefined);
  if (all.length < 2) return all[0];
  return {
    entries: all.reduce((sum, { entries }) => sum + entries, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    async *make(options) {
      for (const maker of all) yield* maker.make(options);
    },
  };
}
