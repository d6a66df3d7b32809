import {
  type ArrayReport,
  formatCount,
  formatNumber,
  formatRatio,
  formatShape,
  formatSize,
  type ImageReport,
  type LevelReport,
  unitSymbol,
} from "@ozx/core";
import type { AlikeImages } from "./alike.js";
import type { TableOptions } from "./table.js";

/** The table of an image's levels; for several images that are alike, with the sums over all of them. */
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

/** Micrometers a pixel, as people ask for it; time steps and channels are no size. */
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

/** Without the codec that all arrays have, which only says the order of bytes. */
export function describeCodecs({ codecs }: ArrayReport): string {
  return codecs.filter((name) => name !== "bytes").join(", ") || "not compressed";
}

function levelName({ path }: LevelReport, image: string): string {
  const below = image === "/" ? "/" : `${image}/`;
  return path.startsWith(below) ? path.slice(below.length) : path;
}

interface Sum {
  /** Undefined, as are its bytes, on a server, which does not list them. */
  readonly storedObjects: number | undefined;
  readonly allObjects: number;
  readonly storedBytes: number | undefined;
  /** Undefined where one of them is not known. */
  readonly fullBytes: number | undefined;
}

/** What one level takes in all of the images. */
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
