import {
  measureStored,
  type OpenNode,
  openOmeZarr,
  type ReadOptions,
  type Store,
  type StoredSizes,
} from "@ozx/core";
import { openPath } from "@ozx/core/node";
import { describeArchive, type ZipStore } from "@ozx/store-zip";
import { formats } from "./formats.js";
import { inspectArray } from "./inspect/inspect-array.js";
import { errorReport, inspectImage, problemsOf } from "./inspect/inspect-image.js";
import { inspectNodes } from "./inspect/inspect-nodes.js";
import { inspectPlate } from "./inspect/inspect-plate.js";
import type { FileReport } from "./inspect/report.js";

export interface InspectOptions extends ReadOptions {
  /** Leave out `archive`, which costs some hundred reads that only some want. */
  readonly withoutArchive?: boolean;
}

/** Looks at a folder or archive: at all of its metadata, and at the sizes of all else. */
export async function inspect(path: string, options: InspectOptions = {}): Promise<FileReport> {
  return inspectStore(await openPath(path, { ...options, formats }), path, options);
}

/** The same of a store, which is closed in the end. */
export async function inspectStore(
  store: Store,
  path: string,
  { signal, withoutArchive = false }: InspectOptions = {},
): Promise<FileReport> {
  const node = await openOmeZarr(store, { formats, signal });
  try {
    const stored = await measureStored(store, node.hierarchy, { signal });
    const isWanted = !withoutArchive && isZipStore(store);
    const archive = isWanted ? await describeArchive(store.archive, { signal }) : null;
    return { path, error: null, ...describe(node, stored), archive };
  } finally {
    await node.close();
  }
}

function describe(node: OpenNode, stored: StoredSizes): Omit<FileReport, "path" | "error" | "archive"> {
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
    seriesOrder: model.kind === "bioformats2raw" ? model.order : null,
    array: model.kind === "array" ? inspectArray(model.array, stored) : null,
    nodes: inspectNodes(node, images),
    broken: hierarchy.broken.map(({ path, error }) => ({ path, error: errorReport(error) })),
    problems: [...store.findings, ...own, ...node.images.flatMap(problemsOf)],
  };
}

function isZipStore(store: object): store is ZipStore {
  return "archive" in store;
}
