import { codecOf, plainName } from "./codec/codec.js";

/** Codecs that zarrita replaces by its own when it opens an array. */
const TRANSLATED: ReadonlySet<string> = new Set(["numcodecs.fixedscaleoffset"]);

/**
 * The first codec that zarrita does not know, by its plain name; undefined where it knows all.
 *
 * @param registry zarrita's, in which others can be put
 */
export function unknownCodec(
  codecs: readonly unknown[],
  registry: Pick<ReadonlyMap<string, unknown>, "has">,
): string | undefined {
  const unknown = codecs.map(codecOf).find(({ name }) => !registry.has(name) && !TRANSLATED.has(name));
  return unknown && plainName(unknown.name);
}
