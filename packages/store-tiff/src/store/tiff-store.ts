import type { AbsolutePath, Store, StoreDescriptor } from "@ozx/core";
import { virtualStore } from "@ozx/virtual";
import type { RegionDecoder } from "../decode/decode-region.js";
import type { Layout } from "../layouts/layout.js";
import type { FileSet } from "../read/file-set.js";
import { createSegmentReader } from "../read/segments.js";
import type { ArrayPlan } from "./array-plan.js";
import { colourFindings } from "./colour-findings.js";
import { tiffHierarchy } from "./hierarchy.js";
import { createChunkReader } from "./read-chunk.js";
import { storedBytes } from "./stored-bytes.js";

/** A `Store` over a TIFF, or a set of them. */
export interface TiffStore extends Store {
  /** What the file was recognized as. */
  readonly layout: Layout;
  /** How the levels are stored in the file, by the paths of their arrays. */
  readonly arrays: ReadonlyMap<AbsolutePath, ArrayPlan>;
}

/** What a store is made of. */
export interface TiffStoreParts {
  /** In messages. */
  readonly name: string;
  readonly layout: Layout;
  /** Decodes tiles and strips. */
  readonly decode: RegionDecoder;
  /** Whether what cannot be read is missing, and reported as findings; errors by default. */
  readonly allowMissing?: boolean | undefined;
  /** Are closed with the store. */
  readonly files: FileSet;
  /** How the store is opened again; undefined where it cannot be. */
  readonly descriptor?: StoreDescriptor | undefined;
}

/**
 * The store over a TIFF: metadata documents are made of the layout, and chunks are parts of the file.
 *
 * @throws UnsupportedError where pixels are of a type or compression that cannot be read
 */
export function tiffStore(parts: TiffStoreParts): TiffStore {
  const { name, layout, decode, files, descriptor, allowMissing } = parts;
  const { documents, arrays } = tiffHierarchy(layout, name);
  const access = { segmentsOf: createSegmentReader(), decode };
  const store = virtualStore({
    name,
    format: "tiff",
    documents,
    arrays,
    readerOf: (plan, path) => createChunkReader(plan, path, access),
    storedBytesOf: (plan, options) => storedBytes(plan, access.segmentsOf, options),
    files: {
      main: files.first.source,
      versions: () => files.versions(),
      checkUnchanged: (options) => files.checkUnchanged(options),
      close: () => files.close(),
    },
    canBlock: [...arrays.values()].every(isInOneFile),
    findings: [...layout.findings, ...colourFindings(name, arrays.values())],
    allowMissing,
    descriptor,
  });
  return { ...store, layout, arrays };
}

/**
 * Whether the chunks of an array are parts of one file. What is decoded, or in files that are opened first, is better read
 * several at once.
 */
function isInOneFile({ access, level }: ArrayPlan): boolean {
  if (access === "decoded") return false;
  const plane = level.planes.at(0);
  if (!(plane instanceof Promise)) return true;
  plane.catch(() => {});
  return false;
}
