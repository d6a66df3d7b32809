import { memoize } from "../../bytes/concurrency.js";
import { registerCodecs } from "../../codecs/zarrita.js";

/** zarrita, as `import` gives it. */
export type Zarrita = typeof import("zarrita");

/**
 * zarrita with our codecs in its registry, which refuse damaged chunks and those that decode to more than they should.
 * It is loaded only when pixels are wanted, so that reading metadata starts faster.
 */
export const loadZarrita: () => Promise<Zarrita> = memoize(async () => {
  const zarrita = await import("zarrita");
  registerCodecs(zarrita.registry);
  return zarrita;
});
