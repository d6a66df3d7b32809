import type { ChannelMetadata } from "@ozx/virtual";
import type { Nd2Channel } from "../parse/picture-metadata.js";

/** The channels of the array, which are the components of a pixel. */
export interface ArrayChannels {
  /** One for each component; undefined where the metadata does not fit the frames. */
  readonly channels?: readonly ChannelMetadata[] | undefined;
  /** Which component of a pixel each channel is; undefined where all stay where they are. */
  readonly order?: readonly number[] | undefined;
  /** Whether there is one colour picture, as red, green and blue. */
  readonly isRgb: boolean;
}

/** What colours are called, in the order of the array; the file has blue, green and red. */
const RGB = [
  ["Red", "FF0000"],
  ["Green", "00FF00"],
  ["Blue", "0000FF"],
] as const;

/**
 * The channels by the components of a pixel: colours, which are stored as blue, green and red, become red, green and blue.
 *
 * @param count of components
 */
export function arrayChannels(found: readonly Nd2Channel[], count: number): ArrayChannels {
  if (found.reduce((sum, { components }) => sum + components, 0) !== count) return { isRgb: false };
  const channels: ChannelMetadata[] = [];
  const order: number[] = [];
  for (const { name, color, components } of found) {
    const first = order.length;
    if (components === 3) {
      order.push(first + 2, first + 1, first);
      channels.push(
        ...RGB.map(([label, rgb]) => ({
          name: found.length === 1 || name === undefined ? label : `${name} ${label.toLowerCase()}`,
          color: rgb,
        })),
      );
      continue;
    }
    for (let k = 0; k < components; k++) {
      order.push(first + k);
      const isOne = components === 1;
      channels.push(isOne ? { name, color } : { name: name === undefined ? undefined : `${name} ${k + 1}` });
    }
  }
  const isMoved = order.some((component, k) => component !== k);
  return { channels, order: isMoved ? order : undefined, isRgb: found.length === 1 && count === 3 };
}
