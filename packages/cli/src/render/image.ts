import {
  type FailedImage,
  formatNumber,
  formatRatio,
  formatShape,
  formatSize,
  formatStored,
  type ImageReport,
  plural,
  unitSymbol,
} from "@ozx/core";
import type { AlikeImages } from "./alike.js";
import { addUp, describeCodecs, levelRows } from "./levels.js";
import { type Field, renderFields, renderTable } from "./table.js";

export interface RenderImageOptions {
  readonly width: number;
  /** What stands above the image's own fields. */
  readonly lead?: readonly Field[];
}

/** The lines about an image, or about several that are alike. */
export function renderImage(group: AlikeImages, { width, lead = [] }: RenderImageOptions): string[] {
  const [image, ...others] = group.images;
  const alone = others.length === 0;
  const fields: Field[] = [...lead, ["Axes", describeAxes(image)]];
  const extent = describeExtent(image);
  if (extent !== "") fields.push(["Extent", extent]);
  const data = describeData(group);
  if (data !== "") fields.push(["Pixels", data]);
  if (image.channels.length > 0) {
    fields.push(["Channels", renderTable(image.channels.map((channel, k) => channelRow(channel, k, alone)))]);
  }
  if (image.labels.length > 0)
    fields.push(["Labels", renderTable(image.labels.map((label) => labelRow(label, image)))]);
  if (image.multiscales > 1) {
    fields.push(["Multiscales", `${image.multiscales}, of which this is the first`]);
  }
  const { rows, ...table } = levelRows(group);
  return [...renderFields(fields, { width }), "", ...renderTable(rows, { ...table, width })];
}

/** `c (channel), z y x (space, µm)`: axes in their order, neighbours of one type and unit together. */
function describeAxes({ axes }: ImageReport): string {
  const parts: { names: string[]; details: string }[] = [];
  for (const { name, type, unit } of axes) {
    const details = [type, unit && unitSymbol(unit)].filter(Boolean).join(", ");
    const last = parts.at(-1);
    if (last?.details === details) last.names.push(name);
    else parts.push({ names: [name], details });
  }
  return parts
    .map(({ names, details }) => (details === "" ? names.join(" ") : `${names.join(" ")} (${details})`))
    .join(", ");
}

/** How far the image reaches in space and time. */
function describeExtent({ axes, levels: [level] }: ImageReport): string {
  const shape = level?.array?.shape ?? [];
  return axes
    .flatMap(({ name, type, unit }, axis) => {
      const [size, scale = 1] = [shape[axis], level?.scale[axis]];
      if (size === undefined || (type !== "space" && type !== "time")) return [];
      if (type === "time" && unit === null && scale === 1) return [];
      const symbol = unit === null ? "" : ` ${unitSymbol(unit)}`;
      const step = type === "time" ? ` (${size} × ${formatNumber(scale)}${symbol})` : "";
      return [`${name} ${formatNumber(size * scale)}${symbol}${step}`];
    })
    .join(", ");
}

/** What all levels have in common, and what they take together. */
function describeData({ images }: AlikeImages): string {
  const arrays = images.flatMap(({ levels }) => levels.flatMap(({ array }) => array ?? []));
  const only = (values: string[]): string | undefined => (new Set(values).size === 1 ? values[0] : undefined);
  const dtype = only(arrays.map((array) => array.dtype));
  const codecs = only(arrays.map(describeCodecs));
  const { fullBytes, storedBytes } = addUp(arrays);
  const ratio = formatRatio(fullBytes, storedBytes);
  const sizes =
    arrays.length === 0 ? undefined : `${formatStored(fullBytes, storedBytes)}${ratio && ` (${ratio} to 1)`}`;
  return [dtype, codecs, sizes].filter((part) => part !== undefined).join(", ");
}

function channelRow(
  { label, color, window, active }: ImageReport["channels"][number],
  index: number,
  withWindow: boolean,
): string[] {
  return [
    label ?? `channel ${index}`,
    color === null ? "" : `#${color}`,
    window === null || !withWindow
      ? ""
      : `window ${formatNumber(window.start)} to ${formatNumber(window.end)}`,
    active ? "" : "hidden",
  ];
}

function labelRow(label: ImageReport | FailedImage, { path }: ImageReport): string[] {
  const name = label.path.slice(path === "/" ? 1 : path.length + 1);
  if (label.error !== null) return [name, "cannot be read"];
  const arrays = label.levels.flatMap(({ array }) => array ?? []);
  const [largest] = arrays;
  return [
    name,
    plural(label.levels.length, "level"),
    largest ? `${formatShape(largest.shape)} ${largest.dtype}` : "",
    formatSize(addUp(arrays).storedBytes),
  ];
}
