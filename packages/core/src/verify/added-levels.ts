import { resolvePath } from "../ome/ome-metadata.js";
import type { AbsolutePath } from "../store/store.js";
import { isJsonObject, type JsonObject, omitMember } from "../zarr/json.js";

/**
 * The attributes of the group at `path` as if some levels had not been added to its image: without their datasets,
 * and without what tells how they were made.
 */
export function withoutLevels(
  attributes: JsonObject,
  path: AbsolutePath,
  added: ReadonlySet<AbsolutePath>,
): JsonObject {
  const ome = attributes["ome"];
  const multiscales = isJsonObject(ome) ? ome["multiscales"] : undefined;
  if (!isJsonObject(ome) || !Array.isArray(multiscales)) return attributes;
  const isAdded = (dataset: unknown): boolean => {
    const name = isJsonObject(dataset) ? dataset["path"] : undefined;
    const resolved = typeof name === "string" ? resolvePath(path, name) : undefined;
    return resolved !== undefined && added.has(resolved);
  };
  const reduced = multiscales.map((multiscale: unknown) => {
    const datasets = isJsonObject(multiscale) ? multiscale["datasets"] : undefined;
    if (!isJsonObject(multiscale) || !Array.isArray(datasets)) return multiscale;
    const kept: unknown[] = datasets.filter((dataset) => !isAdded(dataset));
    const rest = { ...multiscale, datasets: kept };
    return kept.length === 1 ? omitMember(omitMember(rest, "type"), "metadata") : rest;
  });
  return { ...attributes, ome: { ...ome, multiscales: reduced } };
}
