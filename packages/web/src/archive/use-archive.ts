import type { ArchiveStore, ZipArchive } from "@ozx/store-zip";
import { useEffect, useState } from "react";
import { explainError } from "../open/explain-error.js";

/** The archive of a store, once its whole directory is read; a sentence where it cannot be; undefined until then. */
export function useArchive(store: ArchiveStore): ZipArchive | string | undefined {
  const [archive, setArchive] = useState<ZipArchive | string>();

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    store
      .loadArchive({ signal })
      .catch((error: unknown) => explainError(error).message)
      .then((result) => {
        if (!signal.aborted) setArchive(result);
      });
    return () => controller.abort();
  }, [store]);

  return archive;
}
