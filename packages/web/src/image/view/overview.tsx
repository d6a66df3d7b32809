import { compositeChannels } from "@ozx/core";
import { type PointerEvent, useEffect, useRef } from "react";
import type { ChannelScan } from "../model/channel-scan.js";
import { colorRamp } from "../model/color-ramps.js";
import type { ChannelSetting } from "../model/view-settings.js";
import { type Camera, type Size, viewOf } from "../stage/scene.js";
import type { Pyramid } from "../tiles/image-plane.js";

interface OverviewProps {
  readonly pyramid: Pyramid;
  readonly channels: readonly ChannelSetting[];
  readonly scans: ReadonlyMap<number, ChannelScan>;
  readonly camera: Camera;
  readonly size: Size;
  onLook(x: number, y: number): void;
}

/** Its longest edge, in pixels of CSS. */
const EXTENT = 132;

/** A small picture of the whole image with a frame around the visible part; a click moves the camera there. */
export function Overview(props: OverviewProps) {
  const { pyramid, scans, camera, size, onLook } = props;
  const scale = EXTENT / Math.max(pyramid.width, pyramid.height);
  const view = viewOf(camera, size);

  const seesAll =
    view.left <= 0 && view.top <= 0 && view.right >= pyramid.width && view.bottom >= pyramid.height;
  const isWhole = [...scans.values()].some(({ whole }) => whole);
  if (seesAll || !isWhole) return null;

  const look = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    onLook((event.clientX - box.left) / scale, (event.clientY - box.top) / scale);
  };
  const frame = {
    left: Math.max(0, view.left) * scale,
    top: Math.max(0, view.top) * scale,
    width: Math.max(3, (Math.min(pyramid.width, view.right) - Math.max(0, view.left)) * scale),
    height: Math.max(3, (Math.min(pyramid.height, view.bottom) - Math.max(0, view.top)) * scale),
  };
  return (
    <div
      className="overview"
      role="img"
      aria-label="Overview of the whole image"
      style={{ width: pyramid.width * scale, height: pyramid.height * scale }}
      onPointerDown={look}
      onPointerMove={look}
    >
      <SmallPicture {...props} />
      <i style={frame} />
    </div>
  );
}

/** All channels that are on, drawn from their scans. */
function SmallPicture({ channels, scans }: Pick<OverviewProps, "channels" | "scans">) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const shown = channels.flatMap(({ on, index, color, ramp, window, gamma }) => {
      const scan = scans.get(index);
      if (!on || window === undefined || !scan?.whole) return [];
      return [
        { scan, channel: { values: scan.values, color, window, gamma, ramp: colorRamp(ramp)?.colors } },
      ];
    });
    const first = shown[0]?.scan;
    const target = canvas.current;
    if (target === null || first === undefined) return;
    target.width = first.width;
    target.height = first.height;
    const rgba = compositeChannels(shown.map(({ channel }) => channel));
    target.getContext("2d")?.putImageData(new ImageData(rgba, first.width, first.height), 0, 0);
  }, [channels, scans]);
  return <canvas ref={canvas} />;
}
