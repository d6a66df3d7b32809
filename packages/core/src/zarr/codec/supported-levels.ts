import { hasLevel, levelsOf } from "../../codecs/levels.js";
import { isJsonObject, type JsonObject } from "../json.js";

/** What compressors are usually asked for. */
const USUAL: Readonly<Record<string, number>> = { gzip: 6, zlib: 6, blosc: 5 };

/**
 * The `zarr.json` of an array with levels of compression that Zarr v3 has: zlib's -1, which means 6, becomes 6. No decoder
 * needs the level. The same object where nothing is to be changed.
 */
export function withSupportedLevels(document: JsonObject): JsonObject {
  const codecs = withLevels(document["codecs"]);
  return codecs === document["codecs"] ? document : { ...document, codecs };
}

function withLevels(codecs: unknown): unknown {
  if (!Array.isArray(codecs)) return codecs;
  const changed = codecs.map(withLevel);
  return changed.every((codec, at) => codec === codecs[at]) ? codecs : changed;
}

function withLevel(codec: unknown): unknown {
  if (!isJsonObject(codec) || !isJsonObject(codec["configuration"])) return codec;
  const { name, configuration } = codec;
  const inner = withLevels(configuration["codecs"]);
  if (inner !== configuration["codecs"])
    return { ...codec, configuration: { ...configuration, codecs: inner } };
  const member = name === "blosc" ? "clevel" : "level";
  const levels = typeof name === "string" ? levelsOf(name) : undefined;
  const level = configuration[member];
  if (levels === undefined || level === undefined || hasLevel(String(name), level)) return codec;
  const [least, most] = levels;
  const nearest = typeof level === "number" ? Math.min(Math.max(Math.round(level), least), most) : 0;
  return { ...codec, configuration: { ...configuration, [member]: USUAL[String(name)] ?? nearest } };
}
