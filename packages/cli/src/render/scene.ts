import type { HierarchyReport } from "@ozx/core";
import { renderTable } from "./table.js";

type SceneReport = NonNullable<HierarchyReport["scene"]>;
type End = SceneReport["transformations"][number]["input"];

const MOST_TRANSFORMATIONS = 20;

/** The transformations of a scene, one a line: what leads from where to where. */
export function renderScene({ transformations }: SceneReport, width: number): string[] {
  const rows = transformations
    .slice(0, MOST_TRANSFORMATIONS)
    .map(({ type, input, output, name }) => [type ?? "?", spell(input), spell(output), name ?? ""]);
  const rest = transformations.length - rows.length;
  return [
    ...renderTable([["transformation", "from", "to", "name"], ...rows], { width }),
    ...(rest > 0 ? [`… and ${rest} more; --json has them all`] : []),
  ];
}

function spell({ name, path }: End): string {
  return path === null ? (name ?? "?") : `${name ?? "?"} of ${path.slice(1)}`;
}
