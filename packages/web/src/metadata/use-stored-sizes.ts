import { measureStored, type StoredSizes } from "@ozx/core";
import { useEffect, useState } from "react";
import type { OpenedSource } from "../open/opened-source.js";

/** What every array takes: undefined until all has been listed, and where nothing can be. */
export function useStoredSizes({ store, node }: OpenedSource): StoredSizes | undefined {
  const [sizes, setSizes] = useState<StoredSizes>();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    measureStored(store, node.hierarchy, { signal }).then(
      (measured) => {
        if (!signal.aborted) setSizes(measured);
      },
      // What cannot be listed, as a folder on a server, has no sizes to show; its metadata is there all the same.
      () => {},
    );
    return () => controller.abort();
  }, [store, node]);
  return sizes;
}
