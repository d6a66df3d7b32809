import {
  type Finding,
  type Hierarchy,
  type OmeNode,
  type ReadOptions,
  readHierarchy,
  readOme,
  UnknownFormatError,
} from "@ozx/core";
import { openPath } from "@ozx/core/node";
import { type ArchiveDescription, describeArchive, type ZipStore } from "@ozx/store-zip";
import { formats } from "./formats.js";

/** What `ozx info` knows about an image before it is put into words. */
export interface Information {
  readonly path: string;
  /** The id of the container, as in `directory` or `zip`. */
  readonly container: string;
  readonly node: OmeNode;
  readonly hierarchy: Hierarchy;
  readonly findings: readonly Finding[];
  /** For archives, when asked for. */
  readonly archive: ArchiveDescription | undefined;
}

export interface InspectOptions extends ReadOptions {
  /** Also describe the archive. */
  readonly verbose: boolean;
}

/** Looks at an image's metadata. */
export async function inspect(path: string, { verbose, signal }: InspectOptions): Promise<Information> {
  const store = await openPath(path, { formats, signal });
  try {
    const hierarchy = await readHierarchy(store, { signal });
    const root = hierarchy.broken.find((node) => node.path === "/");
    if (root !== undefined) throw root.error;
    if (!hierarchy.nodes.has("/")) {
      throw new UnknownFormatError(
        `${path} is no OME-Zarr: there is neither zarr.json nor .zgroup in it; give the folder or archive that the image itself is`,
        { location: path },
      );
    }
    return {
      path,
      container: store.format,
      node: readOme(hierarchy),
      hierarchy,
      findings: store.findings,
      archive: verbose && isZipStore(store) ? await describeArchive(store.archive, { signal }) : undefined,
    };
  } finally {
    await store.close();
  }
}

function isZipStore(store: object): store is ZipStore {
  return "archive" in store;
}
