import { useEffect, useState } from "react";

/**
 * The result of an asynchronous function; undefined until it has loaded, and where it fails.
 *
 * @param load called again whenever another function is passed, so it must be memoized; its signal is aborted when the
 *   component is unmounted or another function is passed
 */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): T | undefined {
  const [loaded, setLoaded] = useState<T>();
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    load(signal).then(
      (result) => {
        if (!signal.aborted) setLoaded(() => result);
      },
      () => {},
    );
    return () => controller.abort();
  }, [load]);
  return loaded;
}
