import type { Scene, SceneEnd } from "../ome/model.js";
import { axisReport } from "./inspect-image.js";
import type { Nullable, SceneReport } from "./report.js";

/** What there is to say about a scene, beside its images. */
export function inspectScene({ coordinateSystems, transformations }: Scene): SceneReport {
  return {
    coordinateSystems: coordinateSystems.map(({ name, axes }) => ({
      name: name ?? null,
      axes: axes.map(axisReport),
    })),
    transformations: transformations.map(({ name, type, input, output }) => ({
      name: name ?? null,
      type: type ?? null,
      input: endReport(input),
      output: endReport(output),
    })),
  };
}

function endReport({ name, path }: SceneEnd): Nullable<SceneEnd> {
  return { name: name ?? null, path: path ?? null };
}
