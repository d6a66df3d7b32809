import { UsageError } from "@ozx/core";
import type { ProjectMethod } from "@ozx/core/internal";

export const PROJECT_METHODS: readonly ProjectMethod[] = ["max", "mean", "sum", "min"];

/** A projection, as it is asked for: an axis and a method. */
export interface ProjectRequest {
  readonly axis: string;
  readonly method: ProjectMethod;
}

/**
 * Parses a projection as the command line spells it: `z=max`.
 *
 * @throws UsageError listing the methods
 */
export function parseProjection(text: string): ProjectRequest {
  const [, axis = "", method] = /^\s*([^=\s]+)\s*=\s*(\w+)\s*$/.exec(text) ?? [];
  const known = PROJECT_METHODS.find((name) => name === method);
  if (axis !== "" && known !== undefined) return { axis, method: known };
  throw new UsageError(
    `${JSON.stringify(text)} is not a projection: give an axis and one of ${PROJECT_METHODS.join(", ")}, as in z=max`,
  );
}
