import type { ArrayPlan, AxisName } from "./array-plan.js";

/** Which part of which plane a chunk is. */
export interface ChunkPlace {
  /** The index of the plane, in the order t, c, z. */
  readonly plane: number;
  /** The sample of the plane: 0 unless each sample has segments of its own. */
  readonly sample: number;
  /** Of the chunk in the plane's grid. */
  readonly row: number;
  readonly column: number;
  /** Of the chunk in the array's grid. */
  readonly position: readonly number[];
}

/** The chunk at a position in the array's grid; undefined outside of it. */
export function placeOf(plan: ArrayPlan, position: readonly number[]): ChunkPlace | undefined {
  const at = { t: 0, c: 0, z: 0, y: 0, x: 0 } satisfies Record<AxisName, number>;
  for (const [axis, name] of plan.axes.entries()) {
    const index = position[axis];
    const count = Math.ceil((plan.shape[axis] as number) / (plan.chunkShape[axis] as number));
    if (index === undefined || index >= count) return undefined;
    at[name] = index;
  }
  const { sizes, chunkChannels } = plan;
  // Channels of one plane: samples in chunks of their own.
  const perPlane = plan.level.page.samples / chunkChannels;
  const channel = Math.floor(at.c / perPlane);
  return {
    plane: (at.t * sizes.c + channel) * sizes.z + at.z,
    sample: at.c % perPlane,
    row: at.y,
    column: at.x,
    position,
  };
}

/** A chunk's plane in messages, as in `t=0, c=1`. */
export function planeLabel({ axes, chunkChannels }: ArrayPlan, { position }: ChunkPlace): string {
  return axes
    .flatMap((axis, k) => {
      if (axis === "y" || axis === "x") return [];
      const index = position[k] ?? 0;
      return `${axis}=${axis === "c" ? index * chunkChannels : index}`;
    })
    .join(", ");
}

/** The chunks along an axis of a plane's grid. */
export function gridOf({ level, rows, columns }: ArrayPlan): {
  readonly down: number;
  readonly across: number;
} {
  return { down: Math.ceil(level.page.height / rows), across: Math.ceil(level.page.width / columns) };
}
