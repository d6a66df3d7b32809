import { parentKey } from "../../store/keys.js";
import type { Plate, Well } from "../model.js";
import { firstRepeated } from "./first-repeated.js";
import { rule, type Subject } from "./rule.js";

/** Rules of "well metadata". */

function plateOf({ node, nodeAt }: Subject<Well>): Plate | undefined {
  const plate = node.path === "/" ? undefined : nodeAt(parentKey(parentKey(node.path)));
  return plate?.kind === "plate" ? plate : undefined;
}

export const wellImageExists = rule({
  rule: "ome-well-image-exists",
  level: "MUST",
  severity: "error",
  help: "Copy the missing image from the original data, or take it out of the well's images.",
  kinds: ["well"],
  *check({ node, hierarchy }) {
    for (const { path } of node.fields) {
      if (!hierarchy.nodes.has(path)) {
        yield { message: `The well ${node.path} lists the image ${path}, which is not there.`, where: path };
      }
    }
  },
});

export const wellImageMetadata = rule({
  rule: "ome-well-image-metadata",
  level: "MUST",
  severity: "error",
  help: "Write multiscales metadata into the group of each image.",
  kinds: ["well"],
  *check({ node, nodeAt }) {
    for (const { path } of node.fields) {
      const kind = nodeAt(path)?.kind;
      if (kind !== undefined && kind !== "image") {
        yield {
          message: `The well ${node.path} lists ${path} as an image, and it has no multiscales metadata.`,
          where: path,
        };
      }
    }
  },
});

export const wellPaths = rule({
  rule: "ome-well-paths",
  level: "MUST",
  severity: "error",
  help: "List each image of a well once.",
  kinds: ["well"],
  *check({ node }) {
    const path = firstRepeated(node.fields.map((field) => field.path));
    if (path !== undefined) yield `The well ${node.path} lists the image ${path} twice.`;
  },
});

export const wellAcquisition = rule({
  rule: "ome-well-acquisition",
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
          yield `The image ${path} does not say which acquisition of the plate ${plate.path} it is of.`;
      } else if (!ids.has(acquisition)) {
        yield `The image ${path} is said to be of acquisition ${acquisition}, which the plate ${plate.path} does not have.`;
      }
    }
  },
});
