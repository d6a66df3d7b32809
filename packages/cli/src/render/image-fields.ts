import {
  formatCount,
  formatNumber,
  formatRatio,
  formatShape,
  formatSize,
  formatStoredSize,
  plural,
  unitSymbol,
} from "@ozx/core/internal";
import type { ArrayReport, FailedImage, ImageReport, LevelReport } from "@ozx/core/validate";
import { type LabeledField, renderFields, renderTable, type TableOptions } from "../terminal/text-layout.js";
import type { AlikeImages } from "./file-report.js";

export interface RenderImageOptions {
  readonly width: number;
  /** Fields above those of the image. */
  readonly lead?: readonly LabeledField[];
}

/** The lines about an image, or about a group of images that are alike. */
export function renderImage(group: AlikeImages, { width, lead = [] }: RenderImageOptions): string[] {
  const [image, ...others] = group.images;
  const alone = others.length === 0;
  const fields: LabeledField[] = [...lead, ["Axes", describeAxes(image)]];
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
    fields.push(["Multiscales", `${image.multiscales}; this is the first`]);
  }
  const { rows, ...table } = levelRows(group);
  return [...renderFields(fields, { width }), "", ...renderTable(rows, { ...table, width })];
}

/** `c (channel), z y x (space, µm)`: the axes in their order, with neighbours of the same details together. */
function describeAxes({ axes }: ImageReport): string {
  const parts: { names: string[]; details: string }[] = [];
  for (const { name, type, unit, orientation } of axes) {
    const details = [type, unit && unitSymbol(unit), orientation].filter(Boolean).join(", ");
    const last = parts.at(-1);
    if (last?.details === details) last.names.push(name);
    else parts.push({ names: [name], details });
  }
  return parts
    .map(({ names, details }) => (details === "" ? names.join(" ") : `${names.join(" ")} (${details})`))
    .join(", ");
}

/** The size of the image in space and time. */
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

/** The data type and codecs that all levels share, and their total size. */
function describeData({ images }: AlikeImages): string {
  const arrays = images.flatMap(({ levels }) => levels.flatMap(({ array }) => array ?? []));
  const only = (values: string[]): string | undefined => (new Set(values).size === 1 ? values[0] : undefined);
  const dtype = only(arrays.map((array) => array.dtype));
  const codecs = only(arrays.map(describeCodecs));
  const { fullBytes, storedBytes } = addUp(arrays);
  const ratio = formatRatio(fullBytes, storedBytes);
  const sizes =
    arrays.length === 0
      ? undefined
      : `${formatStoredSize(fullBytes, storedBytes)}${ratio && ` (${ratio} to 1)`}`;
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

/** The table of an image's levels; for a group of images that are alike, with sums over all of them. */
export function levelRows({
  images,
}: AlikeImages): { rows: string[][] } & Pick<TableOptions, "right" | "cuts"> {
  const [{ axes, levels, path }] = images;
  const names = axes.map(({ name }) => name).join(" ");
  const columns: Column[] = [
    { title: "level", cell: ({ level }) => levelName(level, path) },
    { title: `shape (${names})`, cell: ({ array }) => (array ? formatShape(array.shape) : "not readable") },
    scaleColumn(axes),
    { title: "chunks", cell: ({ array }) => (array ? formatShape(array.chunks) : "") },
  ];
  const arrays = levels.flatMap(({ array }) => array ?? []);
  const differs = (of: (array: ArrayReport) => unknown): boolean =>
    new Set(arrays.map((array) => JSON.stringify(of(array)))).size > 1;
  if (arrays.some(({ shards }) => shards !== null)) {
    columns.push({
      title: "shards",
      cell: ({ array }) => (array ? (array.shards ? formatShape(array.shards) : "none") : ""),
    });
  }
  if (differs(({ dtype }) => dtype))
    columns.push({ title: "type", cell: ({ array }) => (array ? array.dtype : "") });
  if (differs(({ codecs }) => codecs)) {
    columns.push({ title: "codecs", cell: ({ array }) => (array ? describeCodecs(array) : "") });
  }
  const storage = columns.length;
  const cells = levels.map((level, index) => ({ level, array: level.array, sum: sumOf(images, index) }));
  if (cells.some(({ sum }) => (sum.storedObjects ?? Infinity) < sum.allObjects)) {
    columns.push({
      title: arrays.some(({ shards }) => shards !== null) ? "shards stored" : "chunks stored",
      cell: ({ sum }) => `${formatCount(sum.storedObjects ?? 0)} of ${formatCount(sum.allObjects)}`,
    });
  }
  const full = columns.length;
  const right = [full, full + 1, full + 2];
  columns.push(
    { title: "full", cell: ({ array, sum }) => (array ? formatSize(sum.fullBytes) : "") },
    { title: "stored", cell: ({ array, sum }) => (array ? formatSize(sum.storedBytes) : "") },
    { title: "ratio", cell: ({ sum }) => formatRatio(sum.fullBytes, sum.storedBytes) },
  );
  if (arrays.every(({ storedBytes }) => storedBytes === null)) columns.length = full + 1;
  return {
    rows: [columns.map(({ title }) => title), ...cells.map((c) => columns.map(({ cell }) => cell(c)))],
    right,
    cuts: [3, storage],
  };
}

interface LevelCells {
  readonly level: LevelReport;
  readonly array: ArrayReport | null;
  readonly sum: Sum;
}

interface Column {
  readonly title: string;
  readonly cell: (cells: LevelCells) => string;
}

/** The pixel size along the space axes. */
function scaleColumn(axes: ImageReport["axes"]): Column {
  const space = axes.flatMap(({ type, name }, index) => (type === "space" ? [{ name, index }] : []));
  const names = space.map(({ name }) => name).join(" ");
  const units = space.map(({ index }) => axes[index]?.unit ?? "");
  const [unit = ""] = units;
  const numbers = ({ level: { scale } }: LevelCells): string[] =>
    space.map(({ index }) => formatNumber(scale[index] ?? 1));
  if (units.some((other) => other !== unit)) {
    return {
      title: `pixel size (${names})`,
      cell: (cells) =>
        numbers(cells)
          .map((number, k) => `${number} ${unitSymbol(units[k] ?? "")}`.trim())
          .join(" × "),
    };
  }
  return {
    title: unit === "" ? `pixel size (${names})` : `${unitSymbol(unit)}/px (${names})`,
    cell: (cells) => numbers(cells).join("×"),
  };
}

/** The codecs without `bytes`, which every array has, and which only says the byte order. */
export function describeCodecs({ codecs, encoding }: ArrayReport): string {
  return encoding ?? (codecs.filter((name) => name !== "bytes").join(", ") || "not compressed");
}

function levelName({ path }: LevelReport, image: string): string {
  const below = image === "/" ? "/" : `${image}/`;
  return path.startsWith(below) ? path.slice(below.length) : path;
}

interface Sum {
  /** Undefined, as is `storedBytes`, on a server that does not list them. */
  readonly storedObjects: number | undefined;
  readonly allObjects: number;
  readonly storedBytes: number | undefined;
  /** Undefined where the size of an array is unknown. */
  readonly fullBytes: number | undefined;
}

/** The total size of one level in all images. */
function sumOf(images: readonly ImageReport[], level: number): Sum {
  return addUp(images.flatMap(({ levels }) => levels[level]?.array ?? []));
}

export function addUp(arrays: readonly ArrayReport[]): Sum {
  const sum = { storedObjects: 0, allObjects: 0, storedBytes: 0, fullBytes: 0 };
  let isKnown = true;
  let isListed = true;
  for (const array of arrays) {
    sum.storedObjects += array.storedObjects ?? 0;
    sum.allObjects += array.allObjects;
    sum.storedBytes += array.storedBytes ?? 0;
    isListed &&= array.storedBytes !== null;
    sum.fullBytes += Number(array.uncompressedBytes);
    isKnown &&= array.uncompressedBytes !== null;
  }
  return {
    ...sum,
    fullBytes: isKnown ? sum.fullBytes : undefined,
    ...(!isListed && { storedObjects: undefined, storedBytes: undefined }),
  };
}
