import { autoWindow, type OpenImage, type PixelValues } from "@ozx/core";
import { histogramOf } from "@ozx/core/internal";
import { type Dispatch, useEffect, useMemo, useReducer, useState } from "react";
import type { ChannelScan } from "../image/model/channel-scan.js";
import { useAutoWindows } from "../image/model/use-auto-windows.js";
import {
  type ChannelSetting,
  initialSettings,
  type SettingsAction,
  settingsReducer,
  type ViewSettings,
} from "../image/model/view-settings.js";
import { placeImage } from "../image/tiles/image-plane.js";
import { readSmallPlane } from "./small-plane.js";
import type { Thumbnails } from "./thumbnails.js";

/** The images that the contrast is computed from: a single one may be an empty well. */
export const SCANNED = 5;
const EXTENT = 256;

interface SharedChannels {
  readonly settings: ViewSettings;
  readonly dispatch: Dispatch<SettingsAction>;
  /** Of a few images together. */
  readonly scans: ReadonlyMap<number, ChannelScan>;
}

/**
 * Channels that many images share, with windows from the pixels of a few of them where the metadata has none, and
 * thumbnails that are drawn with them.
 *
 * @param images at least one
 * @param known settings of before
 */
export function useSharedChannels(
  images: readonly [OpenImage, ...OpenImage[]],
  thumbnails: Thumbnails,
  known?: ViewSettings,
): SharedChannels {
  const [first] = images;
  const [settings, dispatch] = useReducer(settingsReducer, known, (last) => last ?? initialSettings(first));
  const [scans, setScans] = useState<ReadonlyMap<number, ChannelScan>>(new Map());
  const some = useMemo(() => spread(images, SCANNED), [images]);
  const { channels } = settings;
  const missing = channels
    .filter(({ on, index }) => on && !scans.has(index))
    .map(({ index }) => index)
    .join();

  useEffect(() => {
    if (missing === "") return;
    const { signal, abort } = withAbort();
    const indices = missing.split(",").map(Number);
    Promise.all(indices.map(async (index) => [index, await scanTogether(some, index, signal)] as const)).then(
      (all) => signal.aborted || setScans((old) => new Map([...old, ...all])),
      // The thumbnails tell what cannot be read.
      () => {},
    );
    return abort;
  }, [some, missing]);

  useAutoWindows(channels, scans, dispatch);

  useEffect(() => {
    if (!channels.some(isWaiting)) thumbnails.show(channels);
  }, [channels, thumbnails]);

  return { settings, dispatch, scans };
}

function isWaiting({ on, window }: ChannelSetting): boolean {
  return on && window === undefined;
}

function withAbort(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

/** Some of many, at equal distances. */
export function spread<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, all.length / count);
  return Array.from({ length: Math.min(count, all.length) }, (_, at) => all[Math.floor(at * step)] as T);
}

/** One channel of several images as if they were one; an image that cannot be read is left out. */
async function scanTogether(
  images: readonly OpenImage[],
  channel: number,
  signal: AbortSignal,
): Promise<ChannelScan> {
  const read = images.map((image) => {
    const { slice } = initialSettings(image);
    return readSmallPlane(placeImage(image), { slice, channel, extent: EXTENT }, { signal });
  });
  const planes = (await Promise.allSettled(read)).flatMap((one) =>
    one.status === "fulfilled" ? [one.value.values] : [],
  );
  const values = joined(planes);
  const histogram = histogramOf(values);
  return {
    values,
    width: values.length,
    height: 1,
    whole: false,
    histogram,
    nan: 0,
    window: autoWindow(histogram),
  };
}

function joined(planes: readonly PixelValues[]): PixelValues {
  const [first] = planes;
  if (first === undefined) return new Uint8Array(0);
  const length = planes.reduce((sum, plane) => sum + plane.length, 0);
  const all = new (first.constructor as new (size: number) => PixelValues)(length);
  let at = 0;
  for (const plane of planes) {
    all.set(plane as never, at);
    at += plane.length;
  }
  return all;
}
