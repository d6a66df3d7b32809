import { parentKey } from "../../store/store-keys.js";
import { SCHEMA_KEYS } from "../schema/ome-schemas.js";
import { IMAGE_KINDS, rule, type Subject } from "./ome-rule.js";

// Rules about versions, for every node with OME-Zarr metadata.

const ALL_KINDS = [...IMAGE_KINDS, "plate", "well", "bioformats2raw", "labels", "scene", "group"] as const;

export const versionPresent = rule({
  id: "ome-version-present",
  level: "MUST",
  severity: "error",
  help: "Write the version into the metadata of every node, as in ome.version.",
  // All other kinds have schemas, which report it.
  kinds: ["labels", "group"],
  since: "0.5",
  *check({ node, metadata }) {
    const hasSchema = ["series", "scene"].some((key) => Object.hasOwn(metadata.attributes, key));
    if (metadata.namespaced && metadata.writtenVersion === undefined && !hasSchema) {
      yield `The OME-Zarr metadata of ${node.path} has no version.`;
    }
  },
});

export const kindKnown = rule({
  id: "ome-kind-known",
  level: "MUST",
  severity: "error",
  help: "Write what the group is (multiscales, plate, well, labels, scene), or remove its ome.",
  kinds: ["group"],
  since: "0.5",
  *check({ node, metadata: { attributes, namespaced, version } }) {
    if (!namespaced || KEYS.some((key) => Object.hasOwn(attributes, key))) return;
    const others = Object.keys(attributes).filter((key) => key !== "version");
    const message =
      others.length === 0
        ? `The OME-Zarr metadata of ${node.path} has a version and nothing else, which no schema of ${version} allows.`
        : `The OME-Zarr metadata of ${node.path} has none of the members that OME-Zarr ${version} defines, only ${others.join(", ")}.`;
    // Some writers mark the groups between a plate and its wells so.
    yield node.path === "/" ? { message } : { message, level: "policy", severity: "warning" };
  },
});

const KEYS = [...Object.values(SCHEMA_KEYS), "labels"];

export const versionConsistent = rule({
  id: "ome-version-consistent",
  level: "MUST",
  severity: "error",
  help: "Upgrade the whole hierarchy to one version.",
  kinds: ALL_KINDS,
  *check({ node, metadata, nodeAt }) {
    if (metadata.writtenVersion === undefined) return;
    for (let path = node.path; path !== "/"; ) {
      path = parentKey(path);
      const above = nodeAt(path)?.version;
      if (above === undefined) continue;
      if (above !== metadata.version) {
        const message = `${node.path} is OME-Zarr ${metadata.version}, and ${path} above it is ${above}.`;
        // It became a MUST with 0.5.
        const old = metadata.version < "0.5" && above < "0.5";
        yield old ? { message, level: "policy", severity: "warning" } : { message };
      }
      return;
    }
  },
});

export const zarrFormat = rule({
  id: "ome-zarr-format",
  level: "MUST",
  severity: "error",
  help: "OME-Zarr is stored in Zarr v2 up to 0.4 and in Zarr v3 from 0.5 on: upgrade both or none.",
  kinds: ALL_KINDS,
  *check({ node, group, metadata }) {
    const expected = metadata.version < "0.5" ? 2 : 3;
    if (group.zarrFormat !== expected) {
      yield `${node.path} is OME-Zarr ${metadata.version} in Zarr v${group.zarrFormat}; it must be v${expected}.`;
    }
    if (node.kind !== "image" && node.kind !== "label-image") return;
    yield* arraysOfOtherFormat(node, group.zarrFormat);
  },
});

function* arraysOfOtherFormat(
  { multiscales, path: image }: Extract<Subject["node"], { kind: "image" | "label-image" }>,
  expected: number,
): Generator<{ message: string; where: `/${string}` }> {
  for (const { path, array } of multiscales.flatMap(({ levels }) => levels)) {
    if (array && array.zarrFormat !== expected) {
      const message = `The level ${path} is a Zarr v${array.zarrFormat} array in the Zarr v${expected} image ${image}.`;
      yield { message, where: path };
    }
  }
}
