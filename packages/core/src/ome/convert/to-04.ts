import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import { type ConvertPlace, cannotSay } from "./place.js";

/**
 * The attributes of a 0.5 group as 0.4 wants them: what is under `ome` beside everybody else's, and a version in
 * each object that 0.4 recommends one in.
 *
 * @throws UnsupportedError where two members would get the same name
 */
export function downgradeTo04(attributes: JsonObject, place: ConvertPlace): JsonObject {
  const { ome, ...others } = attributes;
  if (!isJsonObject(ome)) return attributes;
  const { version: _version, ...members } = ome;
  const flat = Object.entries(members).map(([name, value]): [string, unknown] => {
    if (Object.hasOwn(others, name)) throw cannotSay(place, "0.4", `two attributes of the name ${name}`);
    if (name === "multiscales" && Array.isArray(value)) return [name, value.map(setVersion)];
    return [name, VERSIONED.has(name) ? setVersion(value) : value];
  });
  return { ...Object.fromEntries(flat), ...others };
}

const VERSIONED: ReadonlySet<string> = new Set(["omero", "image-label", "plate", "well"]);

function setVersion(value: unknown): unknown {
  return isJsonObject(value) ? { ...value, version: "0.4" } : value;
}
