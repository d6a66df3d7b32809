import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import { formatValue, member } from "../ome-metadata.js";
import { intrinsicSystemOf, listOf } from "../read-multiscale.js";
import { transformSteps } from "../transforms.js";
import { areConnected, firstRepeated, IMAGE_KINDS, rule } from "./ome-rule.js";

// Rules of "coordinateTransformations metadata". The reader reports lists of a wrong length itself.

interface Dataset {
  readonly label: string;
  readonly transforms: readonly JsonObject[];
  readonly metadata: JsonObject;
}

function datasetsOf(multiscale: JsonObject): Dataset[] {
  return listOf(multiscale, "datasets").map((metadata) => ({
    label: `level ${formatValue(member(metadata, "path"))}`,
    transforms: listOf(metadata, "coordinateTransformations"),
    metadata,
  }));
}

export const transformOrder = rule({
  id: "ome-transform-order",
  level: "MUST",
  severity: "error",
  help: "Write one scale, and after it at most one translation, in the units of the axes.",
  kinds: IMAGE_KINDS,
  since: "0.4",
  *check({ node, metadata }) {
    for (const multiscale of listOf(metadata.attributes, "multiscales")) {
      const ofAll = listOf(multiscale, "coordinateTransformations");
      const lists = datasetsOf(multiscale);
      if (metadata.version < "0.6")
        lists.push({ label: "multiscale", transforms: ofAll, metadata: multiscale });
      for (const { label, transforms } of lists) {
        const steps = transformSteps(transforms).map(({ type }) => type);
        const translations = steps.filter((type) => type === "translation").length;
        if (translations > 1) {
          yield `The ${label} of the image ${node.path} has ${translations} translations.`;
        } else if (translations === 1 && steps.indexOf("translation") < steps.indexOf("scale")) {
          yield `The ${label} of the image ${node.path} has its translation before its scale.`;
        }
      }
    }
  },
});

export const scaleAboveZero = rule({
  id: "ome-scale-above-zero",
  level: "policy",
  severity: "warning",
  help: "Write the size of a pixel along each axis: a number above 0.",
  kinds: IMAGE_KINDS,
  since: "0.4",
  // The schema of 0.6 requires it.
  until: "0.5",
  *check({ node }) {
    for (const { path, scale } of node.multiscales.flatMap(({ levels }) => levels)) {
      if (scale.every((size) => size > 0 && Number.isFinite(size))) continue;
      yield `The level ${path} of the image ${node.path} has a scale of ${scale.join(", ")}, so nothing can be measured or placed in it.`;
    }
  },
});

function endOf(transform: JsonObject, end: "input" | "output", key: "name" | "path"): unknown {
  const value = member(transform, end);
  return isJsonObject(value) ? member(value, key) : undefined;
}

export const transformInput = rule({
  id: "ome-transform-input",
  level: "MUST",
  severity: "error",
  help: "Write the path of the dataset as the input of its transformation.",
  kinds: IMAGE_KINDS,
  since: "0.6",
  *check({ node, metadata }) {
    for (const { label, transforms, metadata: dataset } of listOf(metadata.attributes, "multiscales").flatMap(
      datasetsOf,
    )) {
      for (const transform of transforms) {
        const path = endOf(transform, "input", "path");
        if (typeof path === "string" && path !== member(dataset, "path")) {
          yield `The transformation of ${label} of the image ${node.path} has the input ${formatValue(path)}.`;
        }
      }
    }
  },
});

export const transformOutput = rule({
  id: "ome-transform-output",
  level: "MUST",
  severity: "error",
  help: "Let the transformations of all levels lead to the same coordinate system.",
  kinds: IMAGE_KINDS,
  since: "0.6",
  *check({ node, metadata }) {
    for (const multiscale of listOf(metadata.attributes, "multiscales")) {
      const outputs = datasetsOf(multiscale).flatMap(({ transforms }) =>
        transforms.map((transform) => endOf(transform, "output", "name")),
      );
      const different = new Set(outputs.filter((name) => typeof name === "string"));
      if (different.size > 1) {
        yield `The levels of the image ${node.path} lead to different coordinate systems: ${[...different].join(", ")}.`;
      }
    }
  },
});

export const coordinateSystemNames = rule({
  id: "ome-coordinate-system-names",
  level: "MUST",
  severity: "error",
  help: "Give each coordinate system of an image a name of its own.",
  kinds: IMAGE_KINDS,
  since: "0.6",
  *check({ node, metadata }) {
    for (const multiscale of listOf(metadata.attributes, "multiscales")) {
      const systems = listOf(multiscale, "coordinateSystems");
      const twice = firstRepeated(systems.map((system) => member(system, "name")));
      if (twice !== undefined) {
        yield `Two coordinate systems of the image ${node.path} have the name ${formatValue(twice)}.`;
      }
    }
  },
});

export const transformIntrinsic = rule({
  id: "ome-transform-intrinsic",
  level: "MUST",
  severity: "error",
  help: "Let each transformation of a multiscale lead from or to the coordinate system of its levels.",
  kinds: IMAGE_KINDS,
  since: "0.6",
  *check({ node, metadata }) {
    for (const multiscale of listOf(metadata.attributes, "multiscales")) {
      const intrinsic = intrinsicSystemOf(multiscale);
      for (const transform of listOf(multiscale, "coordinateTransformations")) {
        const isOwn = (["input", "output"] as const).some(
          (end) => endOf(transform, end, "path") === undefined && endOf(transform, end, "name") === intrinsic,
        );
        if (!isOwn) {
          yield `A transformation of the image ${node.path} leads from ${formatValue(endOf(transform, "input", "name"))} to ${formatValue(endOf(transform, "output", "name"))}; one of them must be ${formatValue(intrinsic)}, which its levels are in.`;
        }
      }
    }
  },
});

export const transformConnected = rule({
  id: "ome-transform-connected",
  level: "MUST",
  severity: "error",
  help: "Add a transformation to each coordinate system that none leads to, or remove the system.",
  kinds: IMAGE_KINDS,
  since: "0.6",
  *check({ node, metadata }) {
    for (const multiscale of listOf(metadata.attributes, "multiscales")) {
      const name = (value: unknown): string => String(value);
      const systems = listOf(multiscale, "coordinateSystems").map((system) => name(member(system, "name")));
      const links = listOf(multiscale, "coordinateTransformations")
        .filter(
          (one) => endOf(one, "input", "path") === undefined && endOf(one, "output", "path") === undefined,
        )
        .map((one) => [name(endOf(one, "input", "name")), name(endOf(one, "output", "name"))] as const);
      // Systems that are not described violate another rule, and may be the missing connection.
      if (!links.flat().every((end) => systems.includes(end))) continue;
      if (!areConnected(systems, links)) {
        yield `The image ${node.path} has coordinate systems that no transformation connects: ${systems.join(", ")}.`;
      }
    }
  },
});

export const coordinateSystemKnown = rule({
  id: "ome-coordinate-system-known",
  level: "MUST",
  severity: "error",
  help: "Describe the coordinate system in coordinateSystems, or correct its name.",
  kinds: IMAGE_KINDS,
  since: "0.6",
  *check({ node, metadata }) {
    for (const multiscale of listOf(metadata.attributes, "multiscales")) {
      const names = new Set(listOf(multiscale, "coordinateSystems").map((system) => member(system, "name")));
      const transforms = [
        ...datasetsOf(multiscale).flatMap((dataset) => dataset.transforms),
        ...listOf(multiscale, "coordinateTransformations"),
      ];
      const used = transforms.flatMap((transform) =>
        (["input", "output"] as const)
          // With a path, the name is that of another image's system.
          .filter((end) => endOf(transform, end, "path") === undefined)
          .map((end) => endOf(transform, end, "name")),
      );
      for (const name of new Set(used.filter((name) => typeof name === "string"))) {
        if (!names.has(name)) {
          yield `The image ${node.path} has a transformation to or from ${formatValue(name)}, but no such coordinate system.`;
        }
      }
    }
  },
});
