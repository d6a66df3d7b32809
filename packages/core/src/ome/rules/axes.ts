import type { Axis, Multiscale } from "../model.js";
import { firstRepeated } from "./first-repeated.js";
import { IMAGES, rule } from "./rule.js";
import { isUnit } from "./units.js";

/** Rules of "axes metadata" (0.4, 0.5) and "coordinateSystems metadata" (0.6). */

/** Axes of arrays and of vector fields follow rules of their own. */
function areOfImages({ axes }: Multiscale): boolean {
  return !axes.some(({ type }) => type === "array" || type === "displacement" || type === "coordinate");
}

function namesOf(axes: readonly Axis[]): string {
  return axes.map(({ name }) => name).join(", ");
}

export const axesNames = rule({
  rule: "ome-axes-names",
  level: "MUST",
  severity: "error",
  help: "Give each axis a name of its own.",
  kinds: IMAGES,
  *check({ node }) {
    for (const { axes } of node.multiscales) {
      const twice = firstRepeated(axes.map(({ name }) => name));
      if (twice !== undefined) yield `Two axes of the image ${node.path} have the name "${twice}".`;
    }
  },
});

export const axesCounts = rule({
  rule: "ome-axes-counts",
  level: "MUST",
  severity: "error",
  help: "Describe two or three axes of space, at most one of time and at most one channel or other axis.",
  kinds: IMAGES,
  since: "0.4",
  *check({ node, metadata }) {
    for (const { axes } of node.multiscales.filter(areOfImages)) {
      const count = (type: string): number => axes.filter((axis) => axis.type === type).length;
      const untyped = axes.filter(({ type }) => type === undefined).length;
      const [space, time] = [count("space"), count("time")];
      if (time > 1) yield `The image ${node.path} has ${time} axes of type time.`;
      // Schemas before 0.6 take an axis without a type for one of space, and find all other wrong counts.
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
  rule: "ome-axes-order",
  level: "MUST",
  severity: "error",
  help: "Order axes as time, then channel or other, then space, and the dimensions of the arrays with them.",
  kinds: IMAGES,
  since: "0.4",
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
  rule: "ome-axes-zyx",
  level: "SHOULD",
  severity: "warning",
  help: "Order the axes of space as z, y, x; some readers take the last two for y and x whatever their names.",
  kinds: IMAGES,
  since: "0.4",
  *check({ node }) {
    for (const { axes } of node.multiscales) {
      const space = axes.filter(({ type }) => type === "space");
      const places = space.map(({ name }) => "zyx".indexOf(name));
      const areNamedSo = space.every(({ name }) => name === "z" || name === "y" || name === "x");
      if (areNamedSo && places.some((place, index) => place < (places[index - 1] ?? 0))) {
        yield `The axes of space of the image ${node.path} are in the order ${namesOf(space)}.`;
      }
    }
  },
});

export const axesType = rule({
  rule: "ome-axes-type",
  level: "SHOULD",
  severity: "warning",
  help: "Give each axis a type: space, time, channel, or one of your own.",
  kinds: IMAGES,
  since: "0.4",
  *check({ node }) {
    for (const { axes } of node.multiscales) {
      const untyped = axes.filter(({ type }) => type === undefined);
      if (untyped.length > 0) yield `The image ${node.path} has axes without a type: ${namesOf(untyped)}.`;
    }
  },
});

export const axesUnit = rule({
  rule: "ome-axes-unit",
  level: "SHOULD",
  severity: "warning",
  help: "Give axes of space and time a unit by its full UDUNITS-2 name, as in micrometer or second.",
  kinds: IMAGES,
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
