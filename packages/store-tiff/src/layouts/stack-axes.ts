import { type Finding, UsageError } from "@ozx/core";
import type { PlaneSizes } from "@ozx/virtual";
import { unknownAxis } from "./findings.js";
import type { PlaneAxis } from "./planes.js";

/** What the planes of a stack are whose file does not say. */
export interface StackAxes {
  readonly sizes: PlaneSizes;
  /** From the axis that changes fastest to the slowest. */
  readonly order: readonly PlaneAxis[];
}

/**
 * The axes of planes: those that were asked for, and otherwise one axis with a finding.
 *
 * @param axes as in `t`, or from the slowest to the fastest with sizes, as in `t=10,c=2,z`
 * @param otherwise the axis of planes that nobody said anything of
 * @throws UsageError where the axes do not fit the planes
 */
export function stackAxes(
  { name, count }: { readonly name: string; readonly count: number },
  axes: string | undefined,
  findings: Finding[],
  otherwise: PlaneAxis = "z",
): StackAxes {
  if (axes !== undefined && count > 1) return askedAxes({ name, count }, axes);
  if (count > 1) findings.push(unknownAxis(name, count, otherwise));
  return { sizes: { t: 1, c: 1, z: 1, [otherwise]: count }, order: [otherwise] };
}

function askedAxes(
  { name, count }: { readonly name: string; readonly count: number },
  axes: string,
): StackAxes {
  const parts = axes.split(",").map((part) => /^\s*([tcz])\s*(?:=\s*(\d{1,9}))?\s*$/i.exec(part));
  const named = parts.flatMap((part): { axis: PlaneAxis; size: number | undefined }[] => {
    const axis = part?.[1]?.toLowerCase();
    if (axis !== "t" && axis !== "c" && axis !== "z") return [];
    return [{ axis, size: part?.[2] === undefined ? undefined : Number(part[2]) }];
  });
  const isValid =
    named.length === parts.length && new Set(named.map(({ axis }) => axis)).size === named.length;
  const open = named.filter(({ size }) => size === undefined);
  if (!isValid || open.length > 1 || named.some(({ size }) => size === 0)) {
    throw new UsageError(
      `--axes ${axes} is not a list of axes: give t, c or z, and where there are several their sizes, from the slowest to the fastest, as in t=10,c=2,z`,
    );
  }
  const known = named.reduce((product, { size = 1 }) => product * size, 1);
  const rest = open.length === 1 ? count / known : 1;
  if (known * rest !== count || !Number.isInteger(rest)) {
    throw new UsageError(
      `--axes ${axes} does not fit ${name}, which has ${count} planes: ${known} of them do not divide it`,
    );
  }
  const sizes = Object.fromEntries(named.map(({ axis, size }) => [axis, size ?? rest]));
  return { sizes: { t: 1, c: 1, z: 1, ...sizes }, order: named.map(({ axis }) => axis).reverse() };
}

/** The error for axes that were asked for where the file says what its planes are. */
export function axesAreKnown(name: string, title: string): UsageError {
  return new UsageError(`${name} says itself what its planes are (${title}): leave out --axes`);
}
