import { parentKey } from "../../store/keys.js";
import { firstRepeated } from "./first-repeated.js";
import { rule } from "./rule.js";

/** Rules of "plate metadata" and "High-content screening" (the layout of groups). */

export const plateWellPath = rule({
  rule: "ome-plate-well-path",
  level: "MUST",
  severity: "error",
  help: "Let rowIndex and columnIndex be the places, from 0 on, of the path's row and column in rows and columns.",
  kinds: ["plate"],
  since: "0.4",
  *check({ node }) {
    const base = node.path === "/" ? "/" : `${node.path}/`;
    for (const { path, row, column } of node.wells) {
      const [rowName, columnName] = [node.rows[row], node.columns[column]];
      if (path === `${base}${rowName}/${columnName}`) continue;
      const place = `row ${row} (${rowName ?? "not there"}) and column ${column} (${columnName ?? "not there"})`;
      yield `The well ${path} of the plate ${node.path} is said to be in ${place}.`;
    }
  },
});

export const plateNames = rule({
  rule: "ome-plate-names",
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

export const plateAcquisitionIds = rule({
  rule: "ome-plate-acquisition-ids",
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
  rule: "ome-plate-well-exists",
  level: "MUST",
  // Plates are often published with the wells that were of interest.
  severity: "warning",
  help: "Copy the missing well from the original data, or take it out of the list of wells.",
  kinds: ["plate"],
  *check({ node, hierarchy }) {
    for (const { path } of node.wells) {
      if (!hierarchy.nodes.has(path)) {
        yield { message: `The plate ${node.path} lists the well ${path}, which is not there.`, where: path };
      }
    }
  },
});

export const plateWellMetadata = rule({
  rule: "ome-plate-well-metadata",
  level: "MUST",
  severity: "error",
  help: "Write well metadata into the group of each well.",
  kinds: ["plate"],
  *check({ node, nodeAt }) {
    for (const { path } of node.wells) {
      const kind = nodeAt(path)?.kind;
      if (kind !== undefined && kind !== "well") {
        yield {
          message: `The plate ${node.path} lists ${path} as a well, and it has no well metadata.`,
          where: path,
        };
      }
    }
  },
});

export const plateRowGroups = rule({
  rule: "ome-plate-row-group",
  level: "MUST",
  severity: "error",
  help: "Write a group (zarr.json, or .zgroup before 0.5) for each row that has wells.",
  kinds: ["plate"],
  *check({ node, hierarchy, group }) {
    const rows = new Set(
      node.wells.flatMap(({ path }) => (hierarchy.nodes.has(path) ? [parentKey(path)] : [])),
    );
    for (const row of rows) {
      if (hierarchy.nodes.has(row)) continue;
      const message = `The row ${row} of the plate ${node.path} is a folder and not a group.`;
      // Readers of Zarr v2 see a group in any folder that has nodes below it; v3 has no such groups.
      yield group.zarrFormat === 2 ? { message, where: row, severity: "warning" } : { message, where: row };
    }
  },
});

export const plateFieldCount = rule({
  rule: "ome-plate-field-count",
  level: "MUST",
  severity: "warning",
  help: "Let field_count be the most fields that any well has.",
  kinds: ["plate"],
  *check({ node }) {
    const { fieldCount } = node;
    if (fieldCount === undefined) return;
    for (const { path, fields } of node.wells) {
      // Fields of several acquisitions are counted by some writers together and by others one by one.
      const counts = new Map<number | undefined, number>();
      for (const { acquisition } of fields ?? []) counts.set(acquisition, (counts.get(acquisition) ?? 0) + 1);
      const most = [...counts.values()].reduce((a, b) => Math.max(a, b), 0);
      if (most > fieldCount) {
        yield `The well ${path} has ${most} fields in one acquisition; the plate ${node.path} has a field_count of ${fieldCount}.`;
      }
    }
  },
});
