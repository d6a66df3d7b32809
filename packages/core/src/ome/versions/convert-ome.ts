import { type DocumentLocation, isJsonObject, type JsonObject } from "../../zarr/json.js";
import { member, versionOfOme } from "../ome-metadata.js";
import { listOf } from "../read-multiscale.js";
import { hasCoordinateSystems, hasFreeAxes } from "../version-names.js";
import { downgradeTo05, upgradeTo06, VERSIONED_IN_05 } from "./convert-version.js";
import { downgradeTo06 } from "./from-09.js";

/**
 * Converts the content of `ome`, of any version that has one, to 0.5 or 0.6. A draft or an unknown version is converted
 * as the version that it is read as. 0.4 is 0.5 with the members in another place (`downgradeTo04`).
 *
 * @param where the group's document
 * @throws UnsupportedError naming what the version cannot express
 */
export function convertOme(ome: JsonObject, to: "0.5" | "0.6", where: DocumentLocation): JsonObject {
  const from = versionOfOme(ome);
  if (!hasCoordinateSystems(from)) return to === "0.6" ? upgradeTo06(ome, where) : withVersions05(ome);
  const as06 = hasFreeAxes(from) ? downgradeTo06(ome, where) : asReleased06(ome);
  return to === "0.6" ? as06 : downgradeTo05(as06, where);
}

/** Metadata that is read as 0.5 with that version, also in the objects that have one of their own. */
function withVersions05(ome: JsonObject): JsonObject {
  const members = Object.entries(ome).map(([name, value]) =>
    VERSIONED_IN_05.has(name) && isJsonObject(value) && Object.hasOwn(value, "version")
      ? [name, { ...value, version: "0.5" }]
      : [name, value],
  );
  return { ...Object.fromEntries(members), version: "0.5" };
}

/** The drafts of 0.6 up to 0.6.dev3 had the bare path of a level, or name of a system, as input and output. */
function asReleased06(ome: JsonObject): JsonObject {
  const { multiscales } = ome;
  if (!Array.isArray(multiscales)) return { ...ome, version: "0.6" };
  const released = multiscales.map((multiscale: unknown) => {
    if (!isJsonObject(multiscale)) return multiscale;
    const { coordinateTransformations } = multiscale;
    return {
      ...multiscale,
      ...(Array.isArray(multiscale["datasets"]) && {
        datasets: multiscale["datasets"].map((dataset: unknown) =>
          isJsonObject(dataset) ? withEnds(dataset, "path") : dataset,
        ),
      }),
      ...(Array.isArray(coordinateTransformations) && withEnds({ coordinateTransformations }, "name")),
    };
  });
  return { ...ome, multiscales: released, version: "0.6" };
}

function withEnds(owner: JsonObject, input: "path" | "name"): JsonObject {
  if (!Array.isArray(owner["coordinateTransformations"])) return owner;
  const transforms = listOf(owner, "coordinateTransformations").map((transform) => {
    const [from, to] = [member(transform, "input"), member(transform, "output")];
    return {
      ...transform,
      ...(typeof from === "string" && { input: { [input]: from } }),
      ...(typeof to === "string" && { output: { name: to } }),
    };
  });
  return { ...owner, coordinateTransformations: transforms };
}
