import type { Slice } from "zarrita";
import type { Pixels, Selection } from "./node.js";

/** A selection as zarrita takes it, and how its result becomes ours. */
export interface ResolvedSelection {
  readonly slices: Slice[];
  /** Takes the picked axes out of what zarrita returns. */
  keep(values: readonly number[]): number[];
  /** The names of the axes that are left. */
  readonly axes: Pixels["axes"];
}

/**
 * Puts a selection by the axes' names into the order of the axes. Picked positions become slices of one, so that
 * the result has strides even where nothing but a single value is left.
 *
 * @param what what is read, for messages
 * @throws RangeError when an axis is unknown or a position lies outside
 */
export function resolveSelection(
  selection: Selection,
  names: readonly string[],
  shape: readonly number[],
  what: string,
): ResolvedSelection {
  for (const name of Object.keys(selection)) {
    if (!names.includes(name)) {
      throw new RangeError(`${what} has no axis "${name}"; its axes are ${names.join(", ")}`);
    }
  }
  const slices: Slice[] = [];
  const kept: number[] = [];
  for (const [axis, name] of names.entries()) {
    const wanted = selection[name];
    const [start, stop] = bounds(wanted, { name, size: shape[axis] ?? 0, what });
    slices.push({ start, stop, step: 1 });
    if (typeof wanted !== "number") kept.push(axis);
  }
  return {
    slices,
    keep: (values) => kept.map((axis) => values[axis] ?? 0),
    axes: kept.map((axis) => names[axis] ?? ""),
  };
}

interface AxisExtent {
  readonly name: string;
  readonly size: number;
  readonly what: string;
}

function bounds(wanted: Selection[string], axis: AxisExtent): readonly [number, number] {
  if (wanted === undefined) return [0, axis.size];
  const [start, stop] = typeof wanted === "number" ? [wanted, wanted + 1] : wanted;
  if (Number.isInteger(start) && Number.isInteger(stop) && 0 <= start && start < stop && stop <= axis.size) {
    return [start, stop];
  }
  throw outside(wanted, axis);
}

function outside(wanted: number | readonly [number, number], { name, size, what }: AxisExtent): RangeError {
  const last = size - 1;
  if (typeof wanted === "number") {
    return new RangeError(
      `${what} has positions 0 to ${last} on its axis "${name}"; ${wanted} is none of them`,
    );
  }
  return new RangeError(
    `${what} has positions 0 to ${last} on its axis "${name}"; [${wanted.join(", ")}] must be a start and a larger stop, from 0 to ${size}`,
  );
}
