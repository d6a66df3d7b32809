import { countElements } from "../../image/grid-order.js";
import { isJsonObject } from "../../zarr/json.js";
import type { Axis, Multiscale } from "../model.js";
import { formatValue, member } from "../ome-metadata.js";
import { LEVEL_DIMENSIONS } from "../read-context.js";
import { listOf } from "../read-multiscale.js";
import { bodyLineOf } from "../schema/orientation.js";
import { isUnit } from "../unit-names.js";
import { hasCoordinateSystems } from "../version-names.js";
import { firstRepeated, IMAGE_KINDS, rule } from "./ome-rule.js";

// Rules of "axes metadata" (0.4, 0.5) and "coordinateSystems metadata" (0.6).

/** False for axes of arrays and of vector fields, which have rules of their own. */
function areOfImages({ axes }: Multiscale): boolean {
  return !axes.some(({ type }) => type === "array" || type === "displacement" || type === "coordinate");
}

function namesOf(axes: readonly Axis[]): string {
  return axes.map(({ name }) => name).join(", ");
}

export const axesNames = rule({
  id: "ome-axes-names",
  level: "MUST",
  severity: "error",
  help: "Give each axis a name of its own.",
  kinds: IMAGE_KINDS,
  *check({ node }) {
    for (const { axes } of node.multiscales) {
      const twice = firstRepeated(axes.map(({ name }) => name));
      if (twice !== undefined) yield `Two axes of the image ${node.path} have the name "${twice}".`;
    }
  },
});

export const axesCounts = rule({
  id: "ome-axes-counts",
  level: "MUST",
  severity: "error",
  help: "Describe two or three axes of space, at most one of time and at most one channel or other axis.",
  kinds: IMAGE_KINDS,
  since: "0.4",
  until: "0.6",
  *check({ node, metadata }) {
    for (const { axes } of node.multiscales.filter(areOfImages)) {
      const count = (type: string): number => axes.filter((axis) => axis.type === type).length;
      const untyped = axes.filter(({ type }) => type === undefined).length;
      const [space, time] = [count("space"), count("time")];
      if (time > 1) yield `The image ${node.path} has ${time} axes of type time.`;
      // Schemas before 0.6 count an axis without a type as one of space, and report all other wrong counts.
      if (metadata.version < "0.6" && space < 2 && space + untyped >= 2) {
        yield `The image ${node.path} has only ${space} axes of type space among ${namesOf(axes)}.`;
      }
      const others = axes.length - space - time;
      if (others > 1) {
        yield `The image ${node.path} has ${others} axes that are neither of space nor of time among ${namesOf(axes)}.`;
      }
    }
  },
});

export const axesOrder = rule({
  id: "ome-axes-order",
  level: "MUST",
  severity: "error",
  help: "Order axes as time, then channel or other, then space, and the dimensions of the arrays with them.",
  kinds: IMAGE_KINDS,
  since: "0.4",
  until: "0.6",
  *check({ node }) {
    for (const { axes } of node.multiscales.filter(areOfImages)) {
      const ranks = axes.map(({ type }) => (type === "time" ? 0 : type === "space" ? 2 : 1));
      if (ranks.some((rank, index) => rank < (ranks[index - 1] ?? 0))) {
        yield `The axes of the image ${node.path} are in the order ${namesOf(axes)}; time must come first and space last.`;
      }
    }
  },
});

export const axesZyx = rule({
  id: "ome-axes-zyx",
  level: "SHOULD",
  severity: "warning",
  help: "Order the axes of space as z, y, x; some readers assume that the last two are y and x, whatever their names.",
  kinds: IMAGE_KINDS,
  since: "0.4",
  // RFC-3 has no order of axes.
  until: "0.6",
  *check({ node }) {
    for (const { axes } of node.multiscales) {
      const space = axes.filter(({ type }) => type === "space");
      const ranks = space.map(({ name }) => "zyx".indexOf(name));
      const areConventional = space.every(({ name }) => name === "z" || name === "y" || name === "x");
      if (areConventional && ranks.some((rank, index) => rank < (ranks[index - 1] ?? 0))) {
        yield `The axes of space of the image ${node.path} are in the order ${namesOf(space)}.`;
      }
    }
  },
});

export const axesType = rule({
  id: "ome-axes-type",
  level: "SHOULD",
  severity: "warning",
  help: "Give each axis a type: space, time, channel, or one of your own.",
  kinds: IMAGE_KINDS,
  since: "0.4",
  *check({ node }) {
    for (const { axes } of node.multiscales) {
      const untyped = axes.filter(({ type }) => type === undefined);
      if (untyped.length > 0) yield `The image ${node.path} has axes without a type: ${namesOf(untyped)}.`;
    }
  },
});

export const axesUnitText = rule({
  id: "ome-axes-unit-text",
  level: "MUST",
  severity: "error",
  help: "Write the unit as text, or leave it out.",
  kinds: IMAGE_KINDS,
  since: "0.4",
  // The schemas of later versions report it of all axes, earlier ones of those of space.
  until: "0.5",
  *check({ node, metadata }) {
    for (const multiscale of listOf(metadata.attributes, "multiscales")) {
      for (const axis of listOf(multiscale, "axes")) {
        const [unit, type] = [member(axis, "unit"), member(axis, "type")];
        if (unit === undefined || typeof unit === "string" || type === undefined || type === "space")
          continue;
        yield `The unit of the axis ${formatValue(member(axis, "name"))} of the image ${node.path} is ${formatValue(unit)}; it must be text.`;
      }
    }
  },
});

export const axesUnit = rule({
  id: "ome-axes-unit",
  level: "SHOULD",
  severity: "warning",
  help: "Give axes of space and time a unit with its full UDUNITS-2 name, such as micrometer or second.",
  kinds: IMAGE_KINDS,
  since: "0.4",
  *check({ node }) {
    for (const { axes } of node.multiscales) {
      for (const { name, type, unit } of axes) {
        if ((type !== "space" && type !== "time") || isUnit(type, unit)) continue;
        yield unit === undefined
          ? `The axis ${name} of the image ${node.path} has no unit.`
          : `The unit of the axis ${name} of the image ${node.path} is "${unit}", which is not one of ${type} in the specification's list.`;
      }
    }
  },
});

export const axesOrientation = rule({
  id: "ome-axes-orientation",
  level: "MUST",
  severity: "error",
  help: "Give an orientation to axes of space only, and no two of them one along the same line through the body.",
  kinds: IMAGE_KINDS,
  since: "0.9.dev1",
  *check({ node }) {
    for (const { axes } of node.multiscales) {
      const oriented = axes.filter(({ orientation }) => orientation !== undefined);
      for (const { name, type } of oriented) {
        if (type !== "space")
          yield `The axis ${name} of the image ${node.path} has an orientation, but is not one of space.`;
      }
      const line = firstRepeated(oriented.flatMap(({ orientation = "" }) => bodyLineOf(orientation) ?? []));
      if (line !== undefined) {
        yield `Two axes of the image ${node.path} have an orientation along the same line, ${line} or the reverse.`;
      }
    }
  },
});

// Rules of "multiscales metadata" that need the levels' arrays.

interface ReadLevel {
  readonly path: Multiscale["levels"][number]["path"];
  readonly array: NonNullable<Multiscale["levels"][number]["array"]>;
  readonly fitsAxes: boolean;
}

function arraysOf({ levels }: Multiscale): ReadLevel[] {
  return levels.flatMap(({ path, array, problems }) =>
    array ? [{ path, array, fitsAxes: !problems.some(({ rule }) => rule === LEVEL_DIMENSIONS.id) }] : [],
  );
}

export const levelOrder = rule({
  id: "ome-level-order",
  level: "MUST",
  severity: "error",
  help: "List the datasets from the largest to the smallest; readers take the first one as the full resolution.",
  kinds: IMAGE_KINDS,
  *check({ node }) {
    for (const multiscale of node.multiscales) {
      const levels = arraysOf(multiscale);
      for (const [index, { path, array }] of levels.entries()) {
        const before = levels[index - 1];
        if (before && countElements(array.array.shape) > countElements(before.array.array.shape)) {
          yield `The level ${path} (${array.array.shape.join(" × ")}) of the image ${node.path} is listed after the smaller level ${before.path} (${before.array.array.shape.join(" × ")}).`;
        }
      }
    }
  },
});

export const levelDtype = rule({
  id: "ome-level-dtype",
  level: "MUST",
  severity: "error",
  help: "Write all levels in the data type of the first one.",
  kinds: IMAGE_KINDS,
  *check({ node, metadata }) {
    for (const multiscale of node.multiscales) {
      const [first, ...others] = arraysOf(multiscale);
      for (const { path, array } of others) {
        if (!first || array.array.dtype === first.array.array.dtype) continue;
        const message = `The level ${path} is ${array.array.dtype} and the level ${first.path} is ${first.array.array.dtype}.`;
        // A rule since 0.6; viewers have always assumed it.
        yield hasCoordinateSystems(metadata.version)
          ? { message }
          : { message, level: "policy", severity: "warning" };
      }
    }
  },
});

export const dimensionNames = rule({
  id: "ome-dimension-names",
  level: "MUST",
  severity: "error",
  help: "Write the names of the axes as dimension_names into the zarr.json of each level.",
  kinds: IMAGE_KINDS,
  since: "0.5",
  *check({ node, metadata }) {
    for (const multiscale of node.multiscales) {
      const names = multiscale.axes.map(({ name }) => name);
      for (const { path, array, fitsAxes } of arraysOf(multiscale)) {
        const written = array.array.dimensionNames;
        if (array.zarrFormat !== 3 || !fitsAxes) continue;
        if (written && names.every((name, index) => name === written[index])) continue;
        const message = written
          ? `The dimension_names of ${path} are ${written.join(", ")} and the axes of its image are ${names.join(", ")}.`
          : `${path} has no dimension_names; the axes of its image are ${names.join(", ")}.`;
        // Not a rule of 0.6 any more, where the axes of a coordinate system have names of their own.
        yield metadata.version === "0.5" ? { message } : { message, level: "policy", severity: "warning" };
      }
    }
  },
});

export const chunkSeparator = rule({
  id: "ome-chunk-separator",
  level: "MUST",
  severity: "warning",
  help: 'Write chunks in nested folders (dimension_separator "/").',
  kinds: IMAGE_KINDS,
  since: "0.2",
  until: "0.4",
  *check({ node }) {
    for (const { path, array } of node.multiscales.flatMap(arraysOf)) {
      if (array.zarrFormat === 2 && array.array.chunkKey.separator === "." && array.array.shape.length > 1) {
        yield `The chunks of the level ${path} of the image ${node.path} are not in nested folders.`;
      }
    }
  },
});

/** "omero metadata (transitional)": the prose of 0.5 and 0.6 still requires of channels what their schemas do not. */
export const omeroChannel = rule({
  id: "ome-omero-channel",
  level: "MUST",
  severity: "error",
  help: "Give each channel a color and a window with start, end, min and max, or leave out omero.",
  kinds: IMAGE_KINDS,
  since: "0.5",
  until: "0.6",
  *check({ node, metadata }) {
    const omero = member(metadata.attributes, "omero");
    if (!isJsonObject(omero)) return;
    for (const [index, channel] of listOf(omero, "channels").entries()) {
      const missing = ["color", "window"].filter((key) => !Object.hasOwn(channel, key));
      if (missing.length > 0) {
        yield `Channel ${index} in the omero metadata of the image ${node.path} has no ${missing.join(" and no ")}.`;
      }
    }
  },
});
