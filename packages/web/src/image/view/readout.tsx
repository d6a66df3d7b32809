import type { OpenImage } from "@ozx/core";
import { keyName } from "@ozx/core/container";
import { formatNumber, unitSymbol } from "@ozx/core/internal";
import { largestLevel } from "../model/largest-level.js";
import type { ChannelSetting } from "../model/view-settings.js";
import type { Sample } from "../stage/sample-tiles.js";
import type { LabelScene } from "../stage/scene.js";
import type { Pyramid } from "../tiles/image-plane.js";

/** A point of the plane, and whether it stays when the pointer moves on. */
export interface ReadoutPoint {
  readonly x: number;
  readonly y: number;
  readonly isPinned: boolean;
}

interface ReadoutProps {
  readonly pyramid: Pyramid;
  readonly point: ReadoutPoint;
  readonly sample: Sample | undefined;
  /** Those of the scene, in its order. */
  readonly channels: readonly ChannelSetting[];
  /** Those of the scene, in its order. */
  readonly labels: readonly LabelScene[];
}

/** The position under the pointer in pixels and units, the value of every shown channel, and the labels with their properties. */
export function Readout({ pyramid, point, sample, channels, labels }: ReadoutProps) {
  if (point.x < 0 || point.y < 0 || point.x >= pyramid.width || point.y >= pyramid.height) return null;
  const { level = 0, values = [] } = sample ?? {};
  return (
    <div className="readout" data-pinned={point.isPinned} role={point.isPinned ? "status" : undefined}>
      <span>{positionText(pyramid, point)}</span>
      {values.map((value, at) => (
        <span key={channels[at]?.index}>
          {channels[at]?.label} <b>{formatValue(value)}</b>
        </span>
      ))}
      {labels.map(({ pyramid: { image } }, at) => {
        const label = sample?.labels[at] ?? 0;
        const name = labels.length > 1 ? `${keyName(image.path)}: ` : "";
        return label !== 0 && <span key={image.path}>{name + labelText(label, image)}</span>;
      })}
      {level > 0 && <small>of level {level}, which is drawn</small>}
    </div>
  );
}

function positionText({ image, roles, height }: Pyramid, { x, y }: ReadoutPoint): string {
  const { shape, scale } = largestLevel(image);
  const rows = shape[roles.y] ?? 1;
  const pixels = [Math.floor(x), Math.floor((y * rows) / height)] as const;
  const text = `x ${pixels[0]}, y ${pixels[1]}`;
  const unit = image.axes[roles.x]?.unit;
  if (unit === undefined || unit !== image.axes[roles.y]?.unit) return text;
  const [right, down] = [pixels[0] * (scale[roles.x] ?? 1), pixels[1] * (scale[roles.y] ?? 1)];
  return `${text} (${formatValue(right)}, ${formatValue(down)} ${unitSymbol(unit)})`;
}

function labelText(value: number, { model }: OpenImage): string {
  const known =
    model.kind === "label-image" ? model.properties.find((one) => Number(one.value) === value) : undefined;
  const members = Object.entries(known?.properties ?? {}).map(([key, member]) => `${key}: ${String(member)}`);
  return [`label ${value}`, ...members].join(", ");
}

/** Integers in full: they may be labels or counts. */
function formatValue(value: number): string {
  return Number.isInteger(value) ? String(value) : formatNumber(value);
}
