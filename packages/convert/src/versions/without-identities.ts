import type { JsonObject } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { hasCoordinateSystems, omitMember, versionOfOme } from "@ozx/core/internal";

const STEPS = "coordinateTransformations";

/**
 * The content of `ome` of 0.5 without transformations of type `identity` that are beside others, or for all levels: they
 * change nothing, and 0.5 does not allow them ("multiscales metadata"), but iohub writes them. Alone in a level, an identity
 * says what it is, and stays.
 *
 * @returns the same object where there is nothing to leave out
 */
export function withoutIdentities(ome: JsonObject): JsonObject {
  const { multiscales } = ome;
  // In 0.6 they are between coordinate systems.
  if (hasCoordinateSystems(versionOfOme(ome))) return ome;
  return Array.isArray(multiscales) ? replaceEach(ome, "multiscales", multiscales, inMultiscale) : ome;
}

function inMultiscale(multiscale: JsonObject): JsonObject {
  const { datasets } = multiscale;
  const freed = Array.isArray(datasets) ? replaceEach(multiscale, "datasets", datasets, inSteps) : multiscale;
  const ofAll = freed[STEPS];
  const isNothing = Array.isArray(ofAll) && ofAll.length > 0 && ofAll.every(isIdentity);
  return isNothing ? omitMember(freed, STEPS) : inSteps(freed);
}

function inSteps(object: JsonObject): JsonObject {
  const steps = object[STEPS];
  if (!Array.isArray(steps) || !steps.some(isIdentity) || steps.every(isIdentity)) return object;
  return { ...object, [STEPS]: steps.filter((step: unknown) => !isIdentity(step)) };
}

function isIdentity(step: unknown): boolean {
  return isJsonObject(step) && step["type"] === "identity";
}

/** An object with other elements in a list of it; the same where none has changed. */
function replaceEach(
  object: JsonObject,
  name: string,
  list: readonly unknown[],
  replace: (one: JsonObject) => JsonObject,
): JsonObject {
  const replaced = list.map((one) => (isJsonObject(one) ? replace(one) : one));
  return replaced.some((one, index) => one !== list[index]) ? { ...object, [name]: replaced } : object;
}
