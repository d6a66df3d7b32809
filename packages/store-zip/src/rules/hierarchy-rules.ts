import {
  type AbsolutePath,
  type ArrayNode,
  type Hierarchy,
  isOzxError,
  type JsonObject,
  type ZarrNode,
} from "@ozx/core";
import { isJsonObject, parentKey } from "@ozx/core/container";
import { nameAt } from "../directory/central-directory.js";
import { objectIn } from "../rfc9/archive-comment.js";
import { compareDocuments, hasRootDocument, ROOT_DOCUMENT } from "../rfc9/document-order.js";
import { type ArchiveCheck, perEntry } from "./archive-rule.js";
import { lastSegment, V2_NAMES } from "./scan-archive.js";
import { NAME_DOT_Z } from "./scan-central.js";

/**
 * Rules about the Zarr hierarchy in an archive.
 *
 * @module
 */

/** The `ome.version` in the root's `zarr.json`. */
export function rootOmeVersion({ nodes }: Hierarchy): string | undefined {
  const root = nodes.get("/");
  return root && omeVersionAt(root);
}

/** The `ome.version` in a node of Zarr v3. */
function omeVersionAt({ zarrFormat, attributes }: ZarrNode): string | undefined {
  const version = zarrFormat === 3 ? objectIn(attributes, "ome")?.["version"] : undefined;
  return typeof version === "string" ? version : undefined;
}

export const rootZarrJson: ArchiveCheck = {
  id: "root-zarr-json",
  level: "MUST",
  severity: "error",
  title: "a zarr.json at the root",
  help: "Convert it to a new .ozx, which puts the image at the root and upgrades OME-Zarr 0.4.",
  set: "rfc9",
  clause: "R2",
  *check({ archive: { directory }, documents }) {
    if (hasRootDocument(documents)) return;
    let hint = "";
    const [highest] = documents.inDirectory.toSorted((a, b) => compareDocuments(a.name, b.name));
    if (highest !== undefined) hint = `; the highest one is ${highest.name}`;
    else {
      for (let index = 0; index < directory.count && hint === ""; index++) {
        const name = nameAt(directory, index);
        if (name.toLowerCase() === ROOT_DOCUMENT) hint = `, only one named ${name}`;
        else if (V2_NAMES.has(name)) hint = `, only a ${name}: this is Zarr v2, which OME-Zarr 0.4 uses`;
      }
    }
    yield { message: `There is no zarr.json at the root of the archive${hint}.`, moves: "data" };
  },
};

export const rootIsOme: ArchiveCheck = {
  id: "root-is-ome",
  level: "MUST",
  severity: "error",
  title: "OME-Zarr metadata at the root",
  help: "Pack the folder that contains the image's own zarr.json, with its ome.version.",
  set: "rfc9",
  clause: "R1",
  *check({ hierarchy, documents }) {
    if (!hasRootDocument(documents)) return;
    const where = "/zarr.json";
    const broken = hierarchy.broken.find(({ path }) => path === "/");
    const root = hierarchy.nodes.get("/");
    // Corrupt bytes are reported by the rule about checksums.
    if (broken !== undefined && isOzxError(broken.error, "CorruptData")) return;
    if (broken !== undefined) yield { where, message: `The root cannot be read: ${broken.error.message}.` };
    else if (root?.kind === "array") yield { where, message: "The root is a plain Zarr array." };
    else if (root !== undefined && omeVersionAt(root) === undefined) {
      yield { where, message: "The root's zarr.json has no attributes.ome.version, so it is not OME-Zarr." };
    }
  },
};

export const oneHierarchy: ArchiveCheck = {
  id: "one-hierarchy",
  level: "MUST",
  severity: "error",
  title: "one hierarchy, with a zarr.json in every group",
  help: "Add the missing zarr.json of groups, and pack each hierarchy into its own archive.",
  set: "rfc9",
  clause: "R1",
  *check({ documents, hierarchy }) {
    const nodes = new Set<AbsolutePath>(documents.inDirectory.map(({ name }) => parentKey(`/${name}`)));
    const missing = new Set<AbsolutePath>();
    for (const node of nodes) {
      // A missing root is reported by another rule, and would make every node a hierarchy.
      for (let above = parentKey(node); above !== "/" && node !== "/"; above = parentKey(above)) {
        if (nodes.has(above)) break;
        missing.add(above);
      }
      const array = arrayAbove(node, hierarchy);
      if (array !== undefined) {
        yield { where: node, message: `${node} is a node inside the array ${array}.`, moves: "data" };
      }
    }
    for (const path of missing) {
      yield { where: path, message: `${path} has nodes below it and no zarr.json.`, moves: "data" };
    }
  },
};

function arrayAbove(node: AbsolutePath, { nodes }: Hierarchy): AbsolutePath | undefined {
  for (let above = node; above !== "/"; ) {
    above = parentKey(above);
    if (nodes.get(above)?.kind === "array") return above;
  }
  return undefined;
}

export const versionConsistent: ArchiveCheck = {
  id: "version-consistent",
  level: "MUST",
  severity: "error",
  title: "one OME-Zarr version throughout",
  help: "Upgrade the whole hierarchy to one version.",
  set: "rfc9",
  *check({ hierarchy }) {
    const version = rootOmeVersion(hierarchy);
    if (version === undefined) return;
    for (const node of hierarchy.nodes.values()) {
      const other = omeVersionAt(node);
      if (other === undefined || other === version) continue;
      yield { where: node.path, message: `${node.path} is OME-Zarr ${other}, and the root is ${version}.` };
    }
  },
};

export const noV2Mix: ArchiveCheck = {
  id: "no-v2-mix",
  level: "SHOULD",
  severity: "warning",
  title: "only Zarr v3 metadata",
  help: "Remove the metadata of Zarr v2 and pack it again: programs disagree on which of the two they use.",
  set: "rfc9",
  check: (context) => {
    if (context.documents.inDirectory.length === 0) return [];
    const { directory } = context.archive;
    return perEntry(
      context,
      (index) =>
        ((context.names[index] as number) & NAME_DOT_Z) !== 0 &&
        V2_NAMES.has(lastSegment(nameAt(directory, index))),
      ({ name }) => `${name} is Zarr v2 metadata in an archive with Zarr v3 metadata.`,
      { moves: "data" },
    );
  },
};

export const sharding: ArchiveCheck = {
  id: "sharding",
  level: "SHOULD",
  severity: "warning",
  title: "chunks in shards",
  help: "Convert it with shards (--shard auto), so that the archive has few entries and opens quickly.",
  set: "rfc9",
  clause: "S3",
  *check({ hierarchy }) {
    const levels = levelPaths(hierarchy);
    for (const node of hierarchy.nodes.values()) {
      if (node.kind !== "array" || node.zarrFormat !== 3 || node.array.shardShape !== undefined) continue;
      const chunks = countChunks(node);
      if (chunks <= 1) continue;
      const message = `${node.path} has up to ${chunks} chunks, each in its own entry, and no shards.`;
      const violation = { where: node.path, message, moves: "data" } as const;
      // Beside images, a conversion leaves other arrays, such as those of tables, as their programs wrote them.
      yield levels.size === 0 || levels.has(node.path)
        ? violation
        : { ...violation, severity: "info", help: NO_LEVEL };
    }
  },
};

const NO_LEVEL =
  "It is no level of an image, and is copied as it is; only the program that wrote it can shard it.";

/** The paths of the arrays that images list as their levels. */
function levelPaths({ nodes }: Hierarchy): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const { path: group, attributes } of nodes.values()) {
    for (const multiscale of itemsOf(objectIn(attributes, "ome"), "multiscales")) {
      for (const { path } of itemsOf(multiscale, "datasets"))
        paths.add(`${group === "/" ? "" : group}/${path}`);
    }
  }
  return paths;
}

/** The objects in a list; none where it is no list. */
function itemsOf(object: JsonObject | undefined, name: string): JsonObject[] {
  const list = object?.[name];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function countChunks({ array: { shape, chunkShape } }: ArrayNode): number {
  return shape.reduce((product, extent, axis) => product * Math.ceil(extent / (chunkShape[axis] ?? 1)), 1);
}

export const unknownFiles: ArchiveCheck = {
  id: "unknown-files",
  level: "policy",
  severity: "info",
  title: "only Zarr and OME files",
  help: "Nothing needs to be done: RFC-9 allows other files, and readers ignore them.",
  set: "rfc9",
  *check(context) {
    for (const index of context.others) {
      const name = nameAt(context.archive.directory, index);
      yield { where: `/${name}`, message: `${name} is neither metadata nor a chunk of an array.` };
    }
  },
};
