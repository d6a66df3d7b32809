/**
 * Lets blocking work share its thread with timers, signals and other requests: call it between steps, and
 * await what it returns, which is nothing until `slice` milliseconds have passed since the last rest.
 */
export function createPacer(slice = 12): () => Promise<void> | undefined {
  let rested = performance.now();
  return () => {
    if (performance.now() - rested < slice) return undefined;
    return rest().then(() => {
      rested = performance.now();
    });
  };
}

function rest(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => (setImmediate ? setImmediate(resolve) : setTimeout(resolve)));
}
