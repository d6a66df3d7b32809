import type { JsonObject } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { type ChannelMetadata, type ImageScale, micrometers, type Quantity } from "@ozx/virtual";

/** The metadata of one plane, with its time point. */
export interface PlaneMetadata {
  readonly t: number;
  readonly metadata: JsonObject;
}

/** A number of a JSON document; undefined for anything else. Micro-Manager 1.4 writes some as text. */
export function numberIn(document: JsonObject, key: string): number | undefined {
  const value = document[key];
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

export function textIn(document: JsonObject, key: string): string | undefined {
  const value = document[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A list of a JSON document; in Micro-Manager 1.4 it may be a text with JSON. */
function listIn(document: JsonObject, key: string): readonly unknown[] {
  const value = document[key];
  if (Array.isArray(value)) return value;
  if (typeof value !== "string" || !value.startsWith("[")) return [];
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

/**
 * The sizes of pixels and intervals.
 *
 * @param planes of some time points at the first position, channel and z
 */
export function scaleOf(summary: JsonObject, planes: readonly PlaneMetadata[]): ImageScale {
  const first = planes[0]?.metadata ?? {};
  const pixel = positive(numberIn(first, "PixelSizeUm")) ?? positive(numberIn(summary, "PixelSize_um"));
  const step = positive(Math.abs(numberIn(summary, "z-step_um") ?? 0));
  const xy = micrometers(pixel);
  return { x: xy, y: xy, z: micrometers(step), t: intervalOf(summary, planes) };
}

function intervalOf(summary: JsonObject, planes: readonly PlaneMetadata[]): Quantity | undefined {
  const planned = positive(numberIn(summary, "Interval_ms"));
  if (planned !== undefined) return { value: planned / 1000, unit: "second" };
  const steps = planes
    .slice(1)
    .map(({ t, metadata }, k) => {
      const before = planes[k];
      const [from, to] = [before && elapsed(before.metadata), elapsed(metadata)];
      return from === undefined || to === undefined || before === undefined
        ? Number.NaN
        : (to - from) / (t - before.t);
    })
    .filter((value) => Number.isFinite(value) && value > 0)
    .sort((a, b) => a - b);
  const median = steps[Math.floor(steps.length / 2)];
  return median === undefined ? undefined : { value: Number((median / 1000).toPrecision(6)), unit: "second" };
}

function elapsed(metadata: JsonObject): number | undefined {
  return numberIn(metadata, "ElapsedTime-ms");
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/**
 * The names and colours of channels.
 *
 * @param names by channel from its planes; those of the summary where they are undefined
 */
export function channelsOf(
  summary: JsonObject,
  names: readonly (string | undefined)[],
): readonly ChannelMetadata[] {
  const written = listIn(summary, "ChNames");
  const colors = listIn(summary, "ChColors");
  return names.map((name, c): ChannelMetadata => {
    const inSummary = written[c];
    const color = colors[c];
    return {
      name: name ?? (typeof inSummary === "string" && inSummary !== "" ? inSummary : undefined),
      color: typeof color === "number" && Number.isInteger(color) ? argb(color) : undefined,
    };
  });
}

/** A signed ARGB. */
function argb(color: number): string {
  const rgb = ((color % 2 ** 24) + 2 ** 24) % 2 ** 24;
  return rgb.toString(16).padStart(6, "0").toUpperCase();
}

/** What the summary says of each stage position: its label, place in the grid, and the devices' positions. */
export function stagePositions(summary: JsonObject): readonly JsonObject[] {
  const lists = [listIn(summary, "StagePositions"), listIn(summary, "InitialPositionList")];
  return (lists.find((list) => list.length > 0) ?? []).map((position) =>
    isJsonObject(position) ? position : {},
  );
}

export function labelOf(position: JsonObject | undefined): string | undefined {
  return position && (textIn(position, "Label") ?? textIn(position, "label"));
}

/** Bits of a sample that the camera used. */
export function bitDepthOf(...documents: readonly JsonObject[]): number | undefined {
  return documents
    .map((document) => positive(numberIn(document, "BitDepth")))
    .find((bits) => bits !== undefined);
}
