import type { ArrayNode, Axis, Channel, Level, OmeNode } from "@ozx/core";
import type { Information } from "../inspect.js";
import { styled } from "../terminal/output.js";
import { renderArchive } from "./archive.js";
import { renderFields, renderTable } from "./table.js";

/** What `ozx info` prints. */
export function renderInfo(information: Information): string {
  const { path, node, archive, findings } = information;
  const lines = [styled("bold", path), ...indent(renderFields(describeNode(information, node)))];
  const remarks = [...findings, ...node.problems].map(({ message }) => message);
  if (remarks.length > 0) lines.push("", "Remarks", ...indent(remarks));
  if (archive !== undefined) lines.push("", "RFC-9 archive", ...indent(renderArchive(archive, node.version)));
  return lines.join("\n");
}

type Field = readonly [string, string | readonly string[]];

function describeNode({ container, hierarchy }: Information, node: OmeNode): Field[] {
  const version = node.version === undefined ? "" : `OME-Zarr ${node.version} `;
  const fields: Field[] = [
    ["Kind", `${version}${KINDS[node.kind]} in ${CONTAINERS.get(container) ?? container}`],
  ];
  switch (node.kind) {
    case "image":
    case "label-image":
      if (node.name !== undefined) fields.push(["Name", node.name]);
      for (const { axes, levels } of node.multiscales) {
        fields.push(
          ["Axes", axes.map(describeAxis).join(", ")],
          ["Levels", renderTable(levelRows(axes, levels))],
        );
      }
      if (node.channels.length > 0) fields.push(["Channels", renderTable(node.channels.map(channelRow))]);
      if (node.labels.length > 0)
        fields.push(["Labels", node.labels.map((label) => label.slice(1)).join(", ")]);
      return fields;
    case "plate":
      return [
        ...fields,
        ["Name", node.name ?? "(none)"],
        ["Rows", node.rows.join(", ")],
        ["Columns", node.columns.join(", ")],
        ["Wells", String(node.wells.length)],
      ];
    case "well":
      return [...fields, ["Fields", node.fields.map(({ path }) => path.slice(1)).join(", ")]];
    case "bioformats2raw":
      return [...fields, ["Images", node.images.map((path) => path.slice(1)).join(", ")]];
    case "labels":
      return [...fields, ["Labels", node.labels.map((path) => path.slice(1)).join(", ")]];
    case "group":
      return [...fields, ["Nodes", String(hierarchy.nodes.size)]];
    case "array":
      return [
        ...fields,
        ["Shape", node.array.array.shape.join(" × ")],
        ["Data type", node.array.array.dtype],
      ];
  }
}

const KINDS: Readonly<Record<OmeNode["kind"], string>> = {
  image: "image",
  "label-image": "label image",
  plate: "plate",
  well: "well",
  bioformats2raw: "collection of images (bioformats2raw)",
  labels: "list of label images",
  group: "Zarr group without OME-Zarr metadata",
  array: "Zarr array without OME-Zarr metadata",
};

const CONTAINERS: ReadonlyMap<string, string> = new Map([
  ["directory", "a folder"],
  ["zip", "a zip archive"],
]);

function describeAxis({ name, type, unit }: Axis): string {
  const details = [type, unit].filter((detail) => detail !== undefined);
  return details.length > 0 ? `${name} (${details.join(", ")})` : name;
}

function levelRows(axes: readonly Axis[], levels: readonly Level[]): string[][] {
  const rows = levels.map(({ path, array, scale }) => [
    path.slice(1),
    ...(array ? arrayCells(array, axes) : ["missing", "", "", ""]),
    scale.map(formatNumber).join(", "),
  ]);
  return [["path", "shape", "chunks", "type", "codecs", "scale"], ...rows];
}

function arrayCells({ array, zarrFormat }: ArrayNode, axes: readonly Axis[]): string[] {
  const { shape, chunkShape, shardShape, dtype, codecs } = array;
  const chunks = chunkShape.join("×");
  return [
    shape.map((size, k) => `${axes[k]?.name ?? k}=${size}`).join(" "),
    shardShape ? `${chunks} in shards of ${shardShape.join("×")}` : chunks,
    dtype,
    codecs
      .map((codec) => String(codec[zarrFormat === 3 ? "name" : "id"]))
      .filter((name) => name !== "bytes")
      .join(", ") || "none",
  ];
}

function channelRow({ label, color, window }: Channel, index: number): string[] {
  return [
    label ?? `channel ${index}`,
    color === undefined ? "" : `#${color}`,
    window === undefined ? "" : `window ${formatNumber(window.start)} to ${formatNumber(window.end)}`,
  ];
}

/** At most six digits that matter: 0.6500000000000001 is 0.65. */
function formatNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
