import type { OpenImage } from "@ozx/core";
import { type ReactNode, useEffect, useMemo } from "react";
import { largestLevel } from "../image/model/largest-level.js";
import type { ViewSettings } from "../image/model/view-settings.js";
import { ChannelList } from "../image/panel/channel-list.js";
import { useSharedChannels } from "./shared-channels.js";
import { createThumbnails, type Thumbnails } from "./thumbnails.js";
import "./plate.css";

interface ComparedImagesProps {
  readonly title: string;
  /** Below the title. */
  readonly text: ReactNode;
  /** Beside the title. */
  readonly tools: ReactNode;
  readonly images: readonly [OpenImage, ...OpenImage[]];
  /** The longest edge of a thumbnail, in pixels. */
  readonly extent: number;
  /** How an image was shown before. */
  readonly known: ViewSettings | undefined;
  onSettings(settings: ViewSettings): void;
  /** The images, drawn as thumbnails. */
  children(thumbnails: Thumbnails): ReactNode;
}

/** A list of images that is not empty; undefined where it is. */
export function someImages(images: readonly OpenImage[]): readonly [OpenImage, ...OpenImage[]] | undefined {
  const [first, ...others] = images;
  return first && [first, ...others];
}

/** Many images with the same channels and contrast, and a panel to change these for all of them. */
export function ComparedImages({
  title,
  text,
  tools,
  images,
  extent,
  known,
  onSettings,
  children,
}: ComparedImagesProps) {
  const thumbnails = useMemo(() => createThumbnails(extent), [extent]);
  const { settings, scans, dispatch } = useSharedChannels(images, thumbnails, known);
  useEffect(() => onSettings(settings), [settings, onSettings]);
  return (
    <div className="image-view">
      <div className="plate">
        <header>
          <h1>{title}</h1>
          <p>{text}</p>
          {tools}
        </header>
        {children(thumbnails)}
      </div>
      <aside className="panel" aria-label="How all images are shown">
        <ChannelList
          channels={settings.channels}
          scans={scans}
          integers={/int|bool/.test(largestLevel(images[0]).dtype)}
          dispatch={dispatch}
        />
        <p className="hint">These apply to all pictures. The histograms are of up to five of them.</p>
      </aside>
    </div>
  );
}
