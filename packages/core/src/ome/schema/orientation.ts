import { object, oneOf, type Schema } from "./json-schema.js";

/** The directions of RFC-4 ("anatomical orientation"), each pair along one line through a body. */
const LINES = [
  ["left", "right"],
  ["anterior", "posterior"],
  ["inferior", "superior"],
  ["dorsal", "ventral"],
  ["dorsal", "palmar"],
  ["dorsal", "plantar"],
  ["rostral", "caudal"],
  ["cranial", "caudal"],
  ["proximal", "distal"],
  ["superficial", "deep"],
  ["apical", "basal"],
  ["apex", "base"],
] as const;

const LINE_OF: ReadonlyMap<string, string> = new Map(
  LINES.flatMap(([from, to]) => {
    const line = `${from}-to-${to}`;
    return [
      [line, line],
      [`${to}-to-${from}`, line],
    ] as const;
  }),
);

/** The line through a body that an orientation lies on, whichever way it points; undefined where it is not one of RFC-4. */
export function bodyLineOf(orientation: string): string | undefined {
  return LINE_OF.get(orientation);
}

/** `axis_orientation.schema` of 0.9.dev1. */
export const orientation: Schema = object({ type: oneOf("anatomical"), value: oneOf(...LINE_OF.keys()) });
