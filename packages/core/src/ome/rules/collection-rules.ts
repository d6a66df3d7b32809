import { keyName } from "../../store/store-keys.js";
import { childrenOf } from "../../zarr/zarr-node.js";
import type { OmeNode, Scene, SceneEnd } from "../model.js";
import { formatValue, member } from "../ome-metadata.js";
import { listOf } from "../read-multiscale.js";
import { countOmeXmlImages, omeXmlKey } from "../read-ome.js";
import { areConnected, firstRepeated, rule } from "./ome-rule.js";

// Rules of "bioformats2raw.layout (transitional)".

export const seriesExists = rule({
  id: "ome-series-exists",
  level: "MUST",
  severity: "error",
  help: "Copy the missing image from the original data, or remove it from the series.",
  kinds: ["bioformats2raw"],
  *check({ node, hierarchy }) {
    for (const path of node.images) {
      if (!hierarchy.nodes.has(path)) {
        yield {
          message: `${node.path} lists the image ${path} in its series, which does not exist.`,
          where: path,
        };
      }
    }
  },
});

export const seriesConsecutive = rule({
  id: "ome-series-consecutive",
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
      yield `${node.path} is a collection without images.`;
    }
  },
});

export const seriesCount = rule({
  id: "ome-series-count",
  level: "MUST",
  // It only affects readers of the OME-XML, which match images by position.
  severity: "warning",
  help: "List one image in the series for each Image element of the OME-XML, in its order.",
  kinds: ["bioformats2raw"],
  *check({ node, omeXml }) {
    if (omeXml === undefined || node.path !== "/") return;
    const described = countOmeXmlImages(omeXml);
    if (described !== node.images.length) {
      yield {
        message: `The OME-XML describes ${described} images, but the collection has ${node.images.length}.`,
        where: omeXmlKey("/"),
      };
    }
  },
});

// Rules of "scene metadata".

const SCENES = ["scene"] as const;

function endsOf({ transformations }: Scene): SceneEnd[] {
  return transformations.flatMap(({ input, output }) => [input, output]);
}

export const sceneImage = rule({
  id: "ome-scene-image",
  level: "MUST",
  severity: "error",
  help: "Write the path from the scene to an image in each input and output.",
  kinds: SCENES,
  *check({ node, nodeAt }) {
    for (const path of node.images) {
      const kind = nodeAt(path)?.kind;
      if (kind !== "image" && kind !== "label-image") {
        yield { message: `The scene ${node.path} places ${path}, which is not an image.`, where: path };
      }
    }
  },
});

export const sceneSystemKnown = rule({
  id: "ome-scene-system-known",
  level: "MUST",
  severity: "error",
  help: "Name a coordinate system that the scene, or the image at the path, describes.",
  kinds: SCENES,
  *check({ node, nodeAt, hierarchy }) {
    const seen = new Set<string>();
    const own = new Set(node.coordinateSystems.map(({ name }) => name));
    for (const { name, path } of endsOf(node)) {
      const key = `${path}\n${name}`;
      if (name === undefined || seen.has(key)) continue;
      seen.add(key);
      if (path === undefined) {
        if (!own.has(name))
          yield `The scene ${node.path} has a transformation to or from ${formatValue(name)}, but no such coordinate system.`;
        continue;
      }
      const image = nodeAt(path);
      const group = hierarchy.nodes.get(path);
      if (image === undefined || group === undefined || !isImage(image)) continue;
      const ome = member(group.attributes, "ome");
      const multiscales = typeof ome === "object" && ome !== null ? listOf({ ...ome }, "multiscales") : [];
      const names = multiscales
        .flatMap((one) => listOf(one, "coordinateSystems"))
        .map((one) => member(one, "name"));
      if (!names.includes(name)) {
        yield `The scene ${node.path} has a transformation to or from ${formatValue(name)} of the image ${path}, which has no such coordinate system.`;
      }
    }
  },
});

export const sceneSystemNames = rule({
  id: "ome-scene-system-names",
  level: "MUST",
  severity: "error",
  help: "Give each coordinate system of a scene a name of its own.",
  kinds: SCENES,
  *check({ node }) {
    const twice = firstRepeated(node.coordinateSystems.map(({ name }) => name));
    if (twice !== undefined)
      yield `Two coordinate systems of the scene ${node.path} have the name ${formatValue(twice)}.`;
  },
});

export const sceneConnected = rule({
  id: "ome-scene-connected",
  level: "MUST",
  severity: "error",
  help: "Add transformations until they connect all coordinate systems.",
  kinds: SCENES,
  *check({ node }) {
    const ends = ({ name, path }: SceneEnd): string => `${path ?? ""}\n${name}`;
    const links = node.transformations.map(({ input, output }) => [ends(input), ends(output)] as const);
    const own = node.coordinateSystems.map(({ name }) => ends({ name, path: undefined }));
    if (!areConnected(own, links)) {
      yield `The coordinate systems of the scene ${node.path} are not all connected by transformations.`;
    }
  },
});

function isImage({ kind }: OmeNode): boolean {
  return kind === "image" || kind === "label-image";
}
