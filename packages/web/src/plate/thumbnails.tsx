import { compositeChannels, type OpenImage, type ReadOptions } from "@ozx/core";
import { useEffect, useRef, useState } from "react";
import { type ChannelScan, scanChannel } from "../image/model/channel-scan.js";
import { initialSettings } from "../image/model/view-settings.js";
import { placeImage } from "../image/tiles/image-plane.js";

/** A small picture of an image, drawn when it scrolls into view. */
export function Thumbnail({ image, thumbnails }: { image: OpenImage; thumbnails: Thumbnails }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [state, setState] = useState<"waiting" | "drawn" | "failed">("waiting");

  useEffect(() => {
    const target = canvas.current;
    if (target === null) return;
    const controller = new AbortController();
    const draw = async (): Promise<void> => {
      const picture = await thumbnails.draw(image, { signal: controller.signal });
      if (picture === undefined || controller.signal.aborted) return;
      target.width = picture.width;
      target.height = picture.height;
      target.getContext("2d")?.putImageData(picture, 0, 0);
      setState("drawn");
    };
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      draw().catch(() => {
        if (!controller.signal.aborted) setState("failed");
      });
    });
    observer.observe(target);
    return () => {
      observer.disconnect();
      controller.abort();
    };
  }, [image, thumbnails]);

  return <canvas ref={canvas} className="thumbnail" data-state={state} width="16" height="16" />;
}

/** Draws the lowest-resolution level of images, all with the contrast windows of the first one, to make them comparable. */
export interface Thumbnails {
  /** Undefined for an image without visible channels. */
  draw(image: OpenImage, options?: ReadOptions): Promise<ImageData | undefined>;
}

/** Few at once, so that an image that is clicked meanwhile does not wait behind all others. */
const MAX_READS = 3;

/** Thumbnails that share their contrast windows. */
export function createThumbnails(): Thumbnails {
  const windows = new Map<number, ChannelScan["window"]>();
  const lanes = Array.from({ length: MAX_READS }, () => Promise.resolve());
  let turn = 0;

  const drawNow = async (image: OpenImage, options?: ReadOptions): Promise<ImageData | undefined> => {
    options?.signal?.throwIfAborted();
    const pyramid = placeImage(image);
    const { slice, channels } = initialSettings(image);
    const shown = channels.filter(({ on }) => on);
    const scans = await Promise.all(shown.map(({ index }) => scanChannel(pyramid, slice, index, options)));
    const [first] = scans;
    if (first === undefined) return undefined;
    const rgba = compositeChannels(
      shown.map(({ index, color, window }, i) => {
        const { values, window: own } = scans[i] as ChannelScan;
        if (!windows.has(index)) windows.set(index, own);
        return { values, color, window: window ?? windows.get(index) ?? own };
      }),
    );
    return new ImageData(rgba, first.width, first.height);
  };

  return {
    draw(image, options) {
      const lane = turn++ % MAX_READS;
      const drawn = (lanes[lane] ?? Promise.resolve()).then(() => drawNow(image, options));
      lanes[lane] = drawn.then(
        () => {},
        () => {},
      );
      return drawn;
    },
  };
}
