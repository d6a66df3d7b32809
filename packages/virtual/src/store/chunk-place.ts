import type { VirtualArray } from "../hierarchy/virtual-array.js";
import type { AxisName } from "../hierarchy/virtual-image.js";

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
export function placeOf(array: VirtualArray, position: readonly number[]): ChunkPlace | undefined {
  const at = { t: 0, c: 0, z: 0, y: 0, x: 0 } satisfies Record<AxisName, number>;
  for (const [axis, name] of array.axes.entries()) {
    const index = position[axis];
    const count = Math.ceil((array.shape[axis] as number) / (array.chunkShape[axis] as number));
    if (index === undefined || index >= count) return undefined;
    at[name] = index;
  }
  const { sizes, samples, chunkChannels } = array;
  // Channels of one plane: samples in chunks of their own.
  const perPlane = samples / chunkChannels;
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
export function planeLabel({ axes, chunkChannels }: VirtualArray, { position }: ChunkPlace): string {
  return axes
    .flatMap((axis, k) => {
      if (axis === "y" || axis === "x") return [];
      const index = position[k] ?? 0;
      return `${axis}=${axis === "c" ? index * chunkChannels : index}`;
    })
    .join(", ");
}
