import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { OpenNode } from "../open/node.js";
import { measureStored, type StoredSizes } from "../open/storage.js";
import { inspectArray } from "./inspect-array.js";
import { errorReport, inspectImage, problemsOf } from "./inspect-image.js";
import { inspectNodes } from "./inspect-nodes.js";
import { inspectPlate } from "./inspect-plate.js";
import { inspectScene } from "./inspect-scene.js";
import type { HierarchyReport } from "./report.js";

/** Looks at what is open: at all of its metadata, and at the sizes of all else. Reads the store's listing once. */
export async function inspectNode(node: OpenNode, options?: ReadOptions): Promise<HierarchyReport> {
  return describe(node, await measureStored(node.store, node.hierarchy, options));
}

function describe(node: OpenNode, stored: StoredSizes): HierarchyReport {
  const { model, store, hierarchy } = node;
  const images = node.images.map((image) => inspectImage(image, stored));
  const own = images.some(({ path }) => path === model.path) ? [] : model.problems;
  return {
    container: store.format,
    kind: model.kind,
    omeVersion: model.version ?? null,
    zarrFormat: hierarchy.nodes.get("/")?.zarrFormat ?? 3,
    name: ("name" in model ? model.name : undefined) ?? null,
    entries: stored.entries,
    bytes: stored.bytes,
    images,
    plate: model.kind === "plate" ? inspectPlate(model) : null,
    scene: model.kind === "scene" ? inspectScene(model) : null,
    seriesOrder: model.kind === "bioformats2raw" ? model.order : null,
    array: model.kind === "array" ? inspectArray(model.array, stored) : null,
    nodes: inspectNodes(node, images),
    broken: hierarchy.broken.map(({ path, error }) => ({ path, error: errorReport(error) })),
    problems: [...store.findings, ...own, ...node.images.flatMap(problemsOf)],
  };
}
