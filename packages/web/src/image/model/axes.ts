import type { Axis } from "@ozx/core";

/** What each axis of an image is for on the screen. */
export interface AxisRoles {
  /** Positions of the two axes that are drawn, in the order of the array. */
  readonly y: number;
  readonly x: number;
  /** Undefined for images without channels. */
  readonly channel: number | undefined;
  /** All others, which get a slider each where they have more than one position. */
  readonly others: readonly number[];
}

/**
 * Finds the axes that are drawn, by their names or otherwise the last two, and the one of the channels.
 *
 * @throws RangeError for images of less than two axes, which have no plane
 */
export function axisRoles(axes: readonly Axis[]): AxisRoles {
  if (axes.length < 2) throw new RangeError("An image of less than two axes has no plane to show");
  const named = (name: string): number => axes.findIndex((axis) => axis.name.toLowerCase() === name);
  let [y, x] = [named("y"), named("x")];
  if (y < 0 || x < 0) [y, x] = [axes.length - 2, axes.length - 1];
  const channel = axes.findIndex(
    (axis, at) => at !== y && at !== x && (axis.type === "channel" || axis.name.toLowerCase() === "c"),
  );
  const others = axes.map((_, at) => at).filter((at) => at !== y && at !== x && at !== channel);
  return { y, x, channel: channel < 0 ? undefined : channel, others };
}
