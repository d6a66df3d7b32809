import { isJsonObject, type JsonObject } from "../../zarr/json.js";
import { asNumbers, member } from "../values.js";

/** A scale and, where one is written, a translation after it: one number an axis. */
export interface WrittenPlacement {
  readonly scale: readonly number[];
  readonly translation: readonly number[] | undefined;
}

/**
 * What a list of transformations of 0.4 or 0.5, or the steps of one of 0.6, comes to. Undefined where there is
 * anything but identity, scale and translation in numbers, or in another order.
 */
export function placementOf(steps: readonly unknown[], axes: number): WrittenPlacement | undefined {
  let scale: readonly number[] | undefined;
  let translation: readonly number[] | undefined;
  for (const step of steps) {
    const type = typeOf(step);
    if (!isJsonObject(step) || type === undefined || translation !== undefined) return undefined;
    const numbers = type === "identity" ? Array<number>(axes).fill(1) : asNumbers(member(step, type));
    if (numbers?.length !== axes) return undefined;
    if (type === "translation") translation = numbers;
    else if (scale === undefined) scale = numbers;
    else return undefined;
  }
  return { scale: scale ?? Array<number>(axes).fill(1), translation };
}

/** Where only few types can stand, 0.6 lets the type be left out. */
function typeOf(step: unknown): "identity" | "scale" | "translation" | undefined {
  if (!isJsonObject(step)) return undefined;
  const type = member(step, "type");
  return (["scale", "translation", "identity"] as const).find((known) =>
    type === undefined ? Object.hasOwn(step, known) : type === known,
  );
}

/** One placement after the other: first `inner`, then `outer`. */
export function inTurn(inner: WrittenPlacement, outer: WrittenPlacement): WrittenPlacement {
  const scale = inner.scale.map((value, axis) => value * (outer.scale[axis] ?? 1));
  if (inner.translation === undefined && outer.translation === undefined)
    return { scale, translation: undefined };
  const translation = scale.map(
    (_, axis) =>
      (inner.translation?.[axis] ?? 0) * (outer.scale[axis] ?? 1) + (outer.translation?.[axis] ?? 0),
  );
  return { scale, translation };
}

/** The transformations that say a placement. */
export function stepsOf({ scale, translation }: WrittenPlacement): JsonObject[] {
  const steps: JsonObject[] = [{ type: "scale", scale }];
  if (translation !== undefined) steps.push({ type: "translation", translation });
  return steps;
}
