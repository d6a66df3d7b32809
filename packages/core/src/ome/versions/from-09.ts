import { type DocumentLocation, isJsonObject, type JsonObject } from "../../zarr/json.js";
import { asString, member } from "../ome-metadata.js";
import { intrinsicSystemOf, listOf, systemAxes } from "../read-multiscale.js";
import { checkSchema } from "../schema/check-schema.js";
import { documentSchema, SCHEMA_KEYS, type SchemaKind } from "../schema/ome-schemas.js";
import { cannotConvert } from "./convert-version.js";

const KINDS = Object.keys(SCHEMA_KEYS) as SchemaKind[];

/**
 * Converts the content of `ome` from 0.9.dev1 to 0.6, which has the same members, but not the free axes of RFC-3.
 * Orientations of axes (RFC-4) stay as members that 0.6 does not define, and windows get the limits that it requires.
 *
 * @param where the group's document
 * @throws UnsupportedError naming what 0.6 cannot express
 */
export function downgradeTo06(ome: JsonObject, where: DocumentLocation): JsonObject {
  const refuse = (what: string) => cannotConvert(where, "0.6", what);
  for (const multiscale of listOf(ome, "multiscales")) {
    const written = systemAxes(multiscale, intrinsicSystemOf(multiscale));
    const fault = Array.isArray(written) ? axesFault(written.filter(isJsonObject)) : undefined;
    if (fault !== undefined) throw refuse(fault);
  }
  const { omero } = ome;
  const converted = { ...ome, version: "0.6", ...(isJsonObject(omero) && { omero: withLimits(omero) }) };
  const [finding] = faultsOf(converted, "0.6");
  // What its own version does not allow either is no matter of the conversion.
  if (finding !== undefined && faultsOf({ ...ome, version: "0.9.dev1" }, "0.9.dev1").length === 0) {
    throw refuse(`a document that breaks its rules (${finding.replace(/\.$/, "")})`);
  }
  return converted;
}

/** What 0.6 cannot express of an image's axes; undefined where it can ("coordinateSystems metadata"). */
function axesFault(axes: readonly JsonObject[]): string | undefined {
  const names = axes.map(({ name }) => String(name)).join(", ");
  const types = axes.map((axis) => asString(axis["type"]));
  if (axes.length > 5) return `${axes.length} axes (${names}), only up to 5`;
  // Arrays of positions and vectors have axes of their own.
  if (types.some((type) => type === "array" || type === "displacement" || type === "coordinate"))
    return undefined;
  const count = (wanted: string): number => types.filter((type) => type === wanted).length;
  const [space, time] = [count("space"), count("time")];
  if (space < 2 || space > 3) return `${space} axes of type space among ${names}, only two or three`;
  if (time > 1) return `${time} axes of type time among ${names}, only one`;
  if (axes.length - space - time > 1) {
    return `${axes.length - space - time} axes that are neither of space nor of time among ${names}, only one`;
  }
  const ranks = types.map((type) => (type === "time" ? 0 : type === "space" ? 2 : 1));
  const isOrdered = ranks.every((rank, index) => rank >= (ranks[index - 1] ?? 0));
  return isOrdered ? undefined : `the order of the axes ${names}: time must come first and space last`;
}

/** The limits of a slider, which 0.9.dev1 does not require. */
function withLimits(omero: JsonObject): JsonObject {
  const channels = member(omero, "channels");
  if (!Array.isArray(channels)) return omero;
  const complete = channels.map((channel: unknown) => {
    const window = isJsonObject(channel) ? channel["window"] : undefined;
    if (!isJsonObject(channel) || !isJsonObject(window)) return channel;
    return { ...channel, window: { min: window["start"], max: window["end"], ...window } };
  });
  return { ...omero, channels: complete };
}

function faultsOf(ome: JsonObject, version: "0.6" | "0.9.dev1"): string[] {
  return KINDS.filter(
    (kind) => Object.hasOwn(ome, SCHEMA_KEYS[kind]) && documentSchema(version, kind) !== undefined,
  ).flatMap((kind) => checkSchema(version, kind, { ome }).map(({ message }) => message));
}
