import { compositeChannels, type OpenImage, type PixelValues } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import { memo, useEffect, useRef } from "react";
import { colorRamp } from "../image/model/color-ramps.js";
import { type ChannelSetting, initialSettings } from "../image/model/view-settings.js";
import { placeImage } from "../image/tiles/image-plane.js";
import { readSmallPlane, type SmallPlane } from "./small-plane.js";

interface ThumbnailProps {
  readonly image: OpenImage;
  readonly thumbnails: Thumbnails;
}

/** A small picture of an image, drawn when it scrolls into view. */
export const Thumbnail = memo(function Thumbnail({ image, thumbnails }: ThumbnailProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    return canvas.current === null ? undefined : thumbnails.attach(canvas.current, image);
  }, [image, thumbnails]);
  return <canvas ref={canvas} className="thumbnail" data-state="waiting" width="16" height="16" />;
});

/** Draws small pictures of many images, all with the same channels, to make them comparable. */
export interface Thumbnails {
  /** Draws an image into a canvas while that is in view. Returns a function that ends it. */
  attach(canvas: HTMLCanvasElement, image: OpenImage): () => void;
  /** Draws all pictures with these channels; those without a window are left out. Nothing is drawn before. */
  show(channels: readonly ChannelSetting[]): void;
}

interface Cell {
  readonly canvas: HTMLCanvasElement;
  readonly image: OpenImage;
  readonly controller: AbortController;
  readonly planes: Map<number, Promise<SmallPlane>>;
  isVisible: boolean;
  /** The channels that it was drawn with last. */
  drawn: readonly ChannelSetting[] | undefined;
}

/** Few at once, so that an image that is clicked meanwhile does not wait behind all others. */
const MAX_READS = 4;

/**
 * Creates thumbnails without a picture.
 *
 * @param extent the longest edge, in pixels
 */
export function createThumbnails(extent = 128): Thumbnails {
  const cells = new Map<Element, Cell>();
  const pause = createThrottle();
  let channels: readonly ChannelSetting[] | undefined;
  let running = 0;

  const draw = async (cell: Cell, shown: readonly ChannelSetting[]): Promise<void> => {
    cell.drawn = shown;
    const { signal } = cell.controller;
    try {
      const picture = await pictureOf(cell, shown, extent);
      await pause();
      // Meanwhile it may have been drawn with other channels.
      if (picture === undefined || cell.drawn !== shown || signal.aborted) return;
      cell.canvas.width = picture.width;
      cell.canvas.height = picture.height;
      cell.canvas.getContext("2d")?.putImageData(picture, 0, 0);
      cell.canvas.dataset["state"] = "drawn";
    } catch {
      if (!signal.aborted) cell.canvas.dataset["state"] = "failed";
    }
  };
  const work = async (): Promise<void> => {
    running++;
    for (;;) {
      const shown = channels;
      const next = shown && firstDue(cells.values(), shown);
      if (shown === undefined || next === undefined) break;
      await draw(next, shown);
    }
    running--;
  };
  const start = (): void => {
    while (running < MAX_READS) {
      const before = running;
      void work();
      if (running === before) break;
    }
  };
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const cell = cells.get(target);
      if (cell !== undefined) cell.isVisible = isIntersecting;
    }
    start();
  });

  return {
    attach(canvas, image) {
      const controller = new AbortController();
      cells.set(canvas, { canvas, image, controller, planes: new Map(), isVisible: false, drawn: undefined });
      observer.observe(canvas);
      return () => {
        observer.unobserve(canvas);
        cells.delete(canvas);
        controller.abort();
      };
    },
    show(next) {
      channels = next.filter(({ on, window }) => on && window !== undefined);
      start();
    },
  };
}

function firstDue(cells: Iterable<Cell>, shown: readonly ChannelSetting[]): Cell | undefined {
  for (const cell of cells) if (cell.isVisible && cell.drawn !== shown) return cell;
  return undefined;
}

async function pictureOf(
  { image, planes, controller }: Cell,
  channels: readonly ChannelSetting[],
  extent: number,
): Promise<ImageData | undefined> {
  const pyramid = placeImage(image);
  const { slice } = initialSettings(image);
  const read = (index: number): Promise<SmallPlane> => {
    const known = planes.get(index) ?? readSmallPlane(pyramid, { slice, channel: index, extent }, controller);
    planes.set(index, known);
    known.catch(() => planes.delete(index));
    return known;
  };
  const all = await Promise.all(channels.map(({ index }) => read(index)));
  const [first] = all;
  if (first === undefined) return undefined;
  const rgba = compositeChannels(
    channels.map(({ color, ramp, gamma, window = { start: 0, end: 1 } }, at) => ({
      values: all[at]?.values as PixelValues,
      ...{ color, gamma, window, ramp: colorRamp(ramp)?.colors },
    })),
  );
  return new ImageData(rgba, first.width, first.height);
}
