import {
  type AbsolutePath,
  type Hierarchy,
  type OzxError,
  type ReadOptions,
  readHierarchy,
  type Store,
  type ZarrNode,
} from "@ozx/core";
import { notOmeZarr } from "@ozx/core/internal";

/** The error for a source that is not OME-Zarr. Images inside it are suggested, but it may be huge: the search is short. */
export async function notOmeZarrIn(
  source: Store,
  root: ZarrNode | undefined,
  options: ReadOptions,
): Promise<OzxError> {
  const nodes = new Map<AbsolutePath, ZarrNode>(root && [["/", root]]);
  const alone: Hierarchy = { location: source.name, nodes, broken: [] };
  if (root?.kind === "array") return notOmeZarr(source, alone, COPY_AS_IT_IS);
  const timeout = AbortSignal.timeout(SEARCH_TIMEOUT);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const hierarchy = await readHierarchy(source, { signal }).catch(() => alone);
  options.signal?.throwIfAborted();
  return notOmeZarr(source, hierarchy, root && COPY_AS_IT_IS);
}

const COPY_AS_IT_IS =
  "or copy all of it as it is, without other options, to a name that ends in .zip (RFC-9 allows only OME-Zarr in an .ozx)";

/** In milliseconds. */
const SEARCH_TIMEOUT = 2_000;
