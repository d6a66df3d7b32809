import { keyName } from "../../store/keys.js";
import { childrenOf } from "../hierarchy-index.js";
import { countOmeXmlImages, omeXmlKey } from "../ome-xml.js";
import { rule } from "./rule.js";

/** Rules of "bioformats2raw.layout (transitional)". */

export const seriesExists = rule({
  rule: "ome-series-exists",
  level: "MUST",
  severity: "error",
  help: "Copy the missing image from the original data, or take it out of the series.",
  kinds: ["bioformats2raw"],
  *check({ node, hierarchy }) {
    for (const path of node.images) {
      if (!hierarchy.nodes.has(path)) {
        yield {
          message: `${node.path} lists the image ${path} in its series, which is not there.`,
          where: path,
        };
      }
    }
  },
});

export const seriesConsecutive = rule({
  rule: "ome-series-consecutive",
  level: "MUST",
  severity: "error",
  help: "Name the images 0, 1, 2 and so on without a gap, or list them as series in the group OME.",
  kinds: ["bioformats2raw"],
  *check({ node, hierarchy, nodeAt }) {
    if (node.order !== "names") return;
    const counted = new Set(node.images);
    const beyond = childrenOf(hierarchy, node.path).filter(
      (path) => /^\d+$/.test(keyName(path)) && !counted.has(path) && nodeAt(path)?.kind === "image",
    );
    if (beyond.length > 0) {
      yield `The images of ${node.path} have no series and a gap before ${beyond.join(", ")}.`;
    } else if (node.images.length === 0) {
      yield `${node.path} is a collection of images and has none.`;
    }
  },
});

export const seriesCount = rule({
  rule: "ome-series-count",
  level: "MUST",
  // Readers of the OME-XML go by position; those of Zarr alone miss nothing.
  severity: "warning",
  help: "Let the series list one image for each Image element of the OME-XML, in its order.",
  kinds: ["bioformats2raw"],
  *check({ node, omeXml }) {
    if (omeXml === undefined || node.path !== "/") return;
    const described = countOmeXmlImages(omeXml);
    if (described !== node.images.length) {
      yield {
        message: `The OME-XML describes ${described} images, and the collection has ${node.images.length}.`,
        where: omeXmlKey("/"),
      };
    }
  },
});
