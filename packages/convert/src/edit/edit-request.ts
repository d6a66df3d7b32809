import type { AbsolutePath } from "@ozx/core";

/** What changes of an axis; what is undefined stays. */
export interface AxisEdit {
  /** As in `micrometer`, or another spelling of it, such as `um`. */
  readonly unit?: string | undefined;
  /** The size of a pixel of the largest level, in the axis' unit. The other levels keep their ratios to it. */
  readonly scale?: number | undefined;
  /** The position of the centre of the first pixel of the largest level, in the axis' unit. */
  readonly translation?: number | undefined;
}

/** What changes of a channel; what is undefined stays. */
export interface ChannelEdit {
  /** The index of the channel, or its name. */
  readonly channel: number | string;
  readonly name?: string | undefined;
  /** Six hexadecimal digits. */
  readonly color?: string | undefined;
  /** The values that are shown as black and as full colour. */
  readonly window?: { readonly start: number; readonly end: number } | undefined;
  /** Whether it is shown at first. */
  readonly active?: boolean | undefined;
}

/** What changes of an acquisition of a plate, which may be one that only its wells name; what is undefined stays. */
export interface AcquisitionEdit {
  readonly id: number;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/** A well that gets another place on its plate, with paths as in `A/1`. */
export interface WellMove {
  readonly from: string;
  readonly to: string;
}

/** Changes of metadata. What a member is not about stays. */
export interface MetadataEdit {
  /**
   * The node; the root by default. Axes and channels of a plate, a well or a collection are those of all images below it.
   */
  readonly path?: AbsolutePath | undefined;
  /** The name of the image or plate. */
  readonly name?: string | undefined;
  /** By the names of the axes. Label images follow their image. */
  readonly axes?: ReadonlyMap<string, AxisEdit> | undefined;
  /** The unit of all axes of space. */
  readonly unit?: string | undefined;
  readonly channels?: readonly ChannelEdit[] | undefined;
  readonly acquisitions?: readonly AcquisitionEdit[] | undefined;
  readonly wells?: readonly WellMove[] | undefined;
}
