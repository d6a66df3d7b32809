import type { AbsolutePath } from "../../store/store.js";
import { parentKey } from "../../store/store-keys.js";
import { isJsonObject } from "../../zarr/json.js";
import type { Plate, Well } from "../model.js";
import { member, resolvePath } from "../ome-metadata.js";
import { listOf } from "../read-multiscale.js";
import { firstRepeated, rule, type Subject } from "./ome-rule.js";

// Rules of "plate metadata" and "High-content screening" (the layout of groups).

export const plateWellPath = rule({
  id: "ome-plate-well-path",
  level: "MUST",
  severity: "error",
  help: "Set rowIndex and columnIndex to the indices, from 0 on, of the path's row and column in rows and columns.",
  kinds: ["plate"],
  since: "0.4",
  *check({ node }) {
    const base = node.path === "/" ? "/" : `${node.path}/`;
    for (const { path, row, column } of node.wells) {
      const rowName = node.rows[row];
      const columnName = node.columns[column];
      if (path === `${base}${rowName}/${columnName}`) continue;
      const position = `row ${row} (${rowName ?? "missing"}) and column ${column} (${columnName ?? "missing"})`;
      yield `The well ${path} of the plate ${node.path} is declared to be in ${position}.`;
    }
  },
});

export const plateNames = rule({
  id: "ome-plate-names",
  level: "MUST",
  severity: "error",
  help: "Give each row and each column a name of its own.",
  kinds: ["plate"],
  *check({ node }) {
    const [row, column] = [firstRepeated(node.rows), firstRepeated(node.columns)];
    if (row !== undefined) yield `Two rows of the plate ${node.path} have the name "${row}".`;
    if (column !== undefined) yield `Two columns of the plate ${node.path} have the name "${column}".`;
  },
});

export const plateWellsOnce = rule({
  id: "ome-plate-wells-once",
  level: "MUST",
  severity: "error",
  help: "List each well of a plate once; readers take the first.",
  kinds: ["plate"],
  *check({ node, metadata }) {
    const plate = member(metadata.attributes, "plate");
    // The reader keeps each well once, so none is repeated where it kept all.
    if (isJsonObject(plate) && listOf(plate, "wells").length === node.wells.length) return;
    const path = firstRepeated(writtenPaths(node.path, plate, "wells"));
    if (path !== undefined) yield `The plate ${node.path} lists the well ${path} twice.`;
  },
});

/** Where the members of a list lead, as it is written: the reader keeps each once. */
function writtenPaths(base: AbsolutePath, owner: unknown, list: string): AbsolutePath[] {
  if (!isJsonObject(owner)) return [];
  return listOf(owner, list).flatMap((entry) => {
    const path = member(entry, "path");
    return (typeof path === "string" ? resolvePath(base, path) : undefined) ?? [];
  });
}

export const plateAcquisitionIds = rule({
  id: "ome-plate-acquisition-ids",
  level: "MUST",
  severity: "error",
  help: "Give each acquisition an id of its own.",
  kinds: ["plate"],
  *check({ node }) {
    const id = firstRepeated(node.acquisitions.map((acquisition) => acquisition.id));
    if (id !== undefined) yield `Two acquisitions of the plate ${node.path} have the id ${id}.`;
  },
});

export const plateWellExists = rule({
  id: "ome-plate-well-exists",
  level: "MUST",
  // Plates are often published with some of their wells only.
  severity: "warning",
  help: "Copy the missing well from the original data, or remove it from the list of wells.",
  kinds: ["plate"],
  *check({ node, hierarchy }) {
    for (const { path } of node.wells) {
      if (!hierarchy.nodes.has(path)) {
        yield {
          message: `The plate ${node.path} lists the well ${path}, which does not exist.`,
          where: path,
        };
      }
    }
  },
});

export const plateWellMetadata = rule({
  id: "ome-plate-well-metadata",
  level: "MUST",
  severity: "error",
  help: "Write well metadata into the group of each well.",
  kinds: ["plate"],
  *check({ node, nodeAt }) {
    for (const { path } of node.wells) {
      const kind = nodeAt(path)?.kind;
      if (kind !== undefined && kind !== "well") {
        yield {
          message: `The plate ${node.path} lists ${path} as a well, but it has no well metadata.`,
          where: path,
        };
      }
    }
  },
});

export const plateRowGroups = rule({
  id: "ome-plate-row-group",
  level: "MUST",
  severity: "error",
  help: "Write a group (zarr.json, or .zgroup before 0.5) for each row that has wells.",
  kinds: ["plate"],
  *check({ node, hierarchy, group }) {
    const rows = new Set<AbsolutePath>();
    for (const { path } of node.wells) if (hierarchy.nodes.has(path)) rows.add(parentKey(path));
    for (const row of rows) {
      if (hierarchy.nodes.has(row)) continue;
      const message = `The row ${row} of the plate ${node.path} is a folder, not a group.`;
      // Readers of Zarr v2 treat any folder above nodes as a group; v3 has no such groups.
      yield group.zarrFormat === 2 ? { message, where: row, severity: "warning" } : { message, where: row };
    }
  },
});

export const plateFieldCount = rule({
  id: "ome-plate-field-count",
  level: "MUST",
  severity: "warning",
  help: "Set field_count to the largest number of fields of any well.",
  kinds: ["plate"],
  *check({ node }) {
    const { fieldCount } = node;
    if (fieldCount === undefined) return;
    for (const { path, fields } of node.wells) {
      if (fields === undefined) continue;
      // Some writers count the fields of all acquisitions together, others those of each.
      const counts = new Map<number | undefined, number>();
      for (const { acquisition } of fields) counts.set(acquisition, (counts.get(acquisition) ?? 0) + 1);
      const most = [...counts.values()].reduce((a, b) => Math.max(a, b), 0);
      if (most > fieldCount) {
        yield `The well ${path} has ${most} fields in one acquisition; the plate ${node.path} has a field_count of ${fieldCount}.`;
      }
    }
  },
});

// Rules of "well metadata".

function plateOf({ node, nodeAt }: Subject<Well>): Plate | undefined {
  const plate = node.path === "/" ? undefined : nodeAt(parentKey(parentKey(node.path)));
  return plate?.kind === "plate" ? plate : undefined;
}

export const wellImageExists = rule({
  id: "ome-well-image-exists",
  level: "MUST",
  severity: "error",
  help: "Copy the missing image from the original data, or remove it from the well's images.",
  kinds: ["well"],
  *check({ node, hierarchy }) {
    for (const { path } of node.fields) {
      if (!hierarchy.nodes.has(path)) {
        yield {
          message: `The well ${node.path} lists the image ${path}, which does not exist.`,
          where: path,
        };
      }
    }
  },
});

export const wellImageMetadata = rule({
  id: "ome-well-image-metadata",
  level: "MUST",
  severity: "error",
  help: "Write multiscales metadata into the group of each image.",
  kinds: ["well"],
  *check({ node, nodeAt }) {
    for (const { path } of node.fields) {
      const kind = nodeAt(path)?.kind;
      if (kind !== undefined && kind !== "image") {
        yield {
          message: `The well ${node.path} lists ${path} as an image, but it has no multiscales metadata.`,
          where: path,
        };
      }
    }
  },
});

export const wellPaths = rule({
  id: "ome-well-paths",
  level: "MUST",
  severity: "error",
  help: "List each image of a well once.",
  kinds: ["well"],
  *check({ node, metadata }) {
    const path = firstRepeated(writtenPaths(node.path, member(metadata.attributes, "well"), "images"));
    if (path !== undefined) yield `The well ${node.path} lists the image ${path} twice.`;
  },
});

export const wellAcquisition = rule({
  id: "ome-well-acquisition",
  level: "MUST",
  severity: "error",
  help: "Give each image of the well the id of one of the plate's acquisitions.",
  kinds: ["well"],
  *check(subject) {
    const plate = plateOf(subject);
    if (plate === undefined || plate.acquisitions.length === 0) return;
    const ids = new Set(plate.acquisitions.map(({ id }) => id));
    for (const { path, acquisition } of subject.node.fields) {
      if (acquisition === undefined) {
        if (ids.size > 1)
          yield `The image ${path} has no acquisition, but the plate ${plate.path} has several.`;
      } else if (!ids.has(acquisition)) {
        yield `The image ${path} has the acquisition ${acquisition}, which the plate ${plate.path} does not have.`;
      }
    }
  },
});
