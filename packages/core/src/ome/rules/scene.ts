import type { OmeNode, Scene, SceneEnd } from "../model.js";
import { listOf } from "../read-coordinate-systems.js";
import { member, spell } from "../values.js";
import { areConnected } from "./connected.js";
import { firstRepeated } from "./first-repeated.js";
import { rule } from "./rule.js";

/** Rules of "scene metadata". */

const SCENES = ["scene"] as const;

function endsOf({ transformations }: Scene): SceneEnd[] {
  return transformations.flatMap(({ input, output }) => [input, output]);
}

export const sceneImage = rule({
  rule: "ome-scene-image",
  level: "MUST",
  severity: "error",
  help: "Let the path of each end lead from the scene to an image.",
  kinds: SCENES,
  *check({ node, nodeAt }) {
    for (const path of node.images) {
      const kind = nodeAt(path)?.kind;
      if (kind !== "image" && kind !== "label-image") {
        yield { message: `The scene ${node.path} places ${path}, where there is no image.`, where: path };
      }
    }
  },
});

export const sceneSystemKnown = rule({
  rule: "ome-scene-system-known",
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
          yield `The scene ${node.path} has a transformation to or from ${spell(name)}, and no such coordinate system.`;
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
        yield `The scene ${node.path} has a transformation to or from ${spell(name)} of the image ${path}, which has no such coordinate system.`;
      }
    }
  },
});

export const sceneSystemNames = rule({
  rule: "ome-scene-system-names",
  level: "MUST",
  severity: "error",
  help: "Give each coordinate system of a scene a name of its own.",
  kinds: SCENES,
  *check({ node }) {
    const twice = firstRepeated(node.coordinateSystems.map(({ name }) => name));
    if (twice !== undefined)
      yield `Two coordinate systems of the scene ${node.path} have the name ${spell(twice)}.`;
  },
});

export const sceneConnected = rule({
  rule: "ome-scene-connected",
  level: "MUST",
  severity: "error",
  help: "Add transformations until each coordinate system can be reached from each other one.",
  kinds: SCENES,
  *check({ node }) {
    const ends = ({ name, path }: SceneEnd): string => `${path ?? ""}\n${name}`;
    const links = node.transformations.map(({ input, output }) => [ends(input), ends(output)] as const);
    const own = node.coordinateSystems.map(({ name }) => ends({ name, path: undefined }));
    if (!areConnected(own, links)) {
      yield `The coordinate systems of the scene ${node.path} fall into parts between which no transformation leads.`;
    }
  },
});

function isImage({ kind }: OmeNode): boolean {
  return kind === "image" || kind === "label-image";
}
