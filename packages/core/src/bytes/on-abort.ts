interface Listener {
  readonly callbacks: Set<() => void>;
  readonly tell: () => void;
}

const listeners = new WeakMap<AbortSignal, Listener>();

/**
 * Calls back when a signal aborts, until the returned function is called. However many wait for a signal, it has one
 * listener: Node takes more than ten for a leak of memory, and says so to whoever runs the program.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const listener = listeners.get(signal) ?? listen(signal);
  const { callbacks, tell } = listener;
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0 || listeners.get(signal) !== listener) return;
    listeners.delete(signal);
    signal.removeEventListener("abort", tell);
  };
}

function listen(signal: AbortSignal): Listener {
  const callbacks = new Set<() => void>();
  const tell = (): void => {
    for (const callback of callbacks) callback();
  };
  const listener = { callbacks, tell };
  listeners.set(signal, listener);
  signal.addEventListener("abort", tell, { once: true });
  return listener;
}
