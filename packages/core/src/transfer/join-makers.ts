import { remainingParts } from "../store/checkpoints.js";
import type { EntryProducer, ProducerOrigin } from "../store/target.js";

/** One maker of what several make, one after the other; undefined where there is none. */
export function joinMakers(makers: readonly (EntryProducer | undefined)[]): EntryProducer | undefined {
  const all = makers.filter((maker) => maker !== undefined);
  if (all.length < 2) return all[0];
  return {
    entries: all.reduce((sum, { entries }) => sum + entries, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    leastBytes: all.reduce((sum, { leastBytes = 0 }) => sum + leastBytes, 0),
    largest: Math.max(...all.map(({ largest = 0 }) => largest)),
    origin: joinOrigins(all.map(({ origin }) => origin)),
    async *produce(options) {
      const parts = all.map((maker) => ({ maker, owns: maker.origin?.owns ?? (() => false) }));
      for (const [{ maker }, earlier] of remainingParts(parts, options?.earlier)) {
        yield* maker.produce({ ...options, earlier });
      }
    },
  };
}

/** Undefined where one of them cannot be gone on with. */
export function joinOrigins(origins: readonly (ProducerOrigin | undefined)[]): ProducerOrigin | undefined {
  const known = origins.filter((origin) => origin !== undefined);
  if (known.length < origins.length) return undefined;
  return {
    recipe: JSON.stringify(known.map(({ recipe }) => recipe)),
    *reads() {
      for (const origin of known) yield* origin.reads();
    },
    owns: (key) => known.some((origin) => origin.owns(key)),
  };
}
