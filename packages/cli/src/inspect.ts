import { inspectNode, openOmeZarr, type ReadOptions, type Store } from "@ozx/core";
import { type OpenPathOptions, openPath } from "@ozx/core/node";
import { describeArchive, isZipStore } from "@ozx/store-zip";
import { formats } from "./formats.js";
import type { FileReport } from "./inspect/report.js";

export interface InspectOptions extends ReadOptions, Pick<OpenPathOptions, "http" | "openHttp"> {
  /** Leave out `archive`, which costs some hundred reads that only some want. */
  readonly withoutArchive?: boolean;
  /** The node to look at, as in `B/03`; the root by default. */
  readonly node?: string | undefined;
}

/** Looks at a folder or archive: at all of its metadata, and at the sizes of all else. */
export async function inspect(path: string, options: InspectOptions = {}): Promise<FileReport> {
  return inspectStore(await openPath(path, { ...options, formats, wholeIndex: true }), path, options);
}

/** The same of a store, which is closed in the end. */
export async function inspectStore(
  store: Store,
  path: string,
  { signal, withoutArchive = false, node: at }: InspectOptions = {},
): Promise<FileReport> {
  const node = await openOmeZarr(store, { formats, signal, path: at });
  try {
    const report = await inspectNode(node, { signal });
    const isWanted = !withoutArchive && isZipStore(store);
    const archive = isWanted ? await describeArchive(await store.loadArchive({ signal }), { signal }) : null;
    return { path, error: null, node: at ?? null, ...report, archive };
  } finally {
    await node.close();
  }
}
