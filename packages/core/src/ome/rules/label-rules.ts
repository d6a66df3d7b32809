import type { AbsolutePath } from "../../store/store.js";
import { isBelow, parentKey } from "../../store/store-keys.js";
import { isJsonObject } from "../../zarr/json.js";
import { childrenOf } from "../../zarr/zarr-node.js";
import { member } from "../ome-metadata.js";
import { writtenSource } from "../read-image.js";
import { firstRepeated, rule } from "./ome-rule.js";

// Rules of "labels metadata".

export const labelDtype = rule({
  id: "ome-label-dtype",
  level: "MUST",
  severity: "error",
  help: "Write the label image with an integer data type, such as uint32.",
  kinds: ["label-image"],
  *check({ node }) {
    const levels = node.multiscales.flatMap((multiscale) => multiscale.levels);
    const types = new Set(levels.flatMap(({ array }) => array?.array.dtype ?? []));
    const others = [...types].filter((dtype) => !/^u?int(?:8|16|32|64)$/.test(dtype));
    if (others.length > 0) {
      yield `The pixels of the label image ${node.path} are ${others.join(" and ")}, but must be integers.`;
    }
  },
});

export const labelLevels = rule({
  id: "ome-label-levels",
  level: "MUST",
  // Readers match levels by scale, so nothing is shown wrong.
  severity: "warning",
  help: "Write as many levels for the label image as its image has.",
  kinds: ["label-image"],
  *check({ node, nodeAt }) {
    const image = node.source && nodeAt(node.source);
    if (image?.kind !== "image" && image?.kind !== "label-image") return;
    const [own, others] = [node, image].map(({ multiscales }) => multiscales[0].levels.length);
    if (own !== others) {
      yield `The label image ${node.path} has ${own} levels and its image ${image.path} has ${others}.`;
    }
  },
});

export const labelSource = rule({
  id: "ome-label-source",
  level: "policy",
  severity: "warning",
  help: "Set image-label's source.image to the path from the label image to its image (../../ by default), or omit it where there is no such image.",
  kinds: ["label-image"],
  *check({ node, nodeAt, metadata }) {
    if (node.source === undefined) {
      const imageLabel = member(metadata.attributes, "image-label");
      const written = isJsonObject(imageLabel) ? writtenSource(imageLabel) : undefined;
      // A label image on its own has no source.
      if (written !== undefined) {
        yield `The label image ${node.path} has the source ${written}, which leads out of the hierarchy.`;
      }
      return;
    }
    const kind = nodeAt(node.source)?.kind;
    if (kind !== "image" && kind !== "label-image") {
      yield `The label image ${node.path} has the source ${node.source}, which is not an image.`;
    }
  },
});

export const labelColors = rule({
  id: "ome-label-colors",
  level: "MUST",
  severity: "error",
  help: "List each label-value once.",
  kinds: ["label-image"],
  *check({ node }) {
    const value = firstRepeated(node.colors.map((color) => color.value));
    if (value !== undefined) yield `The label image ${node.path} has two colors for the label ${value}.`;
  },
});

export const labelExists = rule({
  id: "ome-label-exists",
  level: "MUST",
  severity: "error",
  help: "Copy the missing label image from the original data, or remove it from the list.",
  kinds: ["labels"],
  *check({ node, hierarchy }) {
    for (const label of node.labels) {
      if (!hierarchy.nodes.has(label))
        yield `${node.path} lists the label image ${label}, which does not exist.`;
    }
  },
});

export const labelMetadata = rule({
  id: "ome-label-metadata",
  level: "MUST",
  severity: "error",
  help: "Write multiscales and image-label metadata for each label image.",
  kinds: ["labels"],
  *check({ node, nodeAt, metadata }) {
    for (const label of node.labels) {
      const found = nodeAt(label)?.kind;
      if (found === undefined || found === "label-image") continue;
      const message = `${node.path} lists ${label} as a label image, but it has no ${found === "image" ? "image-label" : "multiscales"} metadata.`;
      // Since 0.5, image-label is only recommended.
      const optional = found === "image" && metadata.version >= "0.5";
      yield optional
        ? { message, where: label, level: "SHOULD", severity: "warning" }
        : { message, where: label };
    }
  },
});

export const labelListed = rule({
  id: "ome-label-listed",
  level: "SHOULD",
  severity: "warning",
  help: "Add the label image to the list; viewers offer only those that are listed.",
  kinds: ["labels"],
  since: "0.5",
  *check({ node, nodeAt, hierarchy }) {
    const listed = new Set(node.labels);
    for (const child of childrenOf(hierarchy, node.path)) {
      if (!listed.has(child) && nodeAt(child)?.kind === "label-image") {
        yield `${node.path} does not list its label image ${child}.`;
      }
    }
  },
});

export const labelsIntermediate = rule({
  id: "ome-labels-intermediate",
  level: "MUST",
  severity: "error",
  help: "Leave groups between labels and a label image without OME-Zarr metadata.",
  kinds: ["labels"],
  since: "0.4",
  *check({ node, nodeAt }) {
    const between = new Set<AbsolutePath>();
    for (const label of node.labels) {
      for (
        let path = parentKey(label);
        isBelow(path, node.path) && path !== node.path;
        path = parentKey(path)
      ) {
        between.add(path);
      }
    }
    for (const path of between) {
      const kind = nodeAt(path)?.kind;
      if (kind !== undefined && kind !== "group") {
        yield {
          message: `${path} lies between ${node.path} and a label image, but has OME-Zarr metadata.`,
          where: path,
        };
      }
    }
  },
});
