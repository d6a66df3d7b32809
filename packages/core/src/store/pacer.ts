/**
 * Lets blocking work share its thread with timers, signals and other requests: call it between steps, and
 * await what it returns, which is nothing until `SLICE` milliseconds have passed since the last rest.
 */
export function createPacer(): () => Promise<void> | undefined {
  let rested = performance.now();
  return () => {
    if (performance.now() - rested < SLICE) return undefined;
    return rest().then(() => {
      rested = performance.now();
    });
  };
}

const SLICE = 12;

function rest(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => (setImmediate ? setImmediate(resolve) : setTimeout(resolve)));
}
