/** What is to be removed when the process ends before it was released, by what removes it. */
const pending = new Set<() => void>();
let isListening = false;

/**
 * Has something removed when the process ends: also after an exception that nobody catches, but not when it is killed. The
 * function must not wait, and its errors are ignored.
 *
 * @returns a function that forgets it
 */
export function removeAtExit(remove: () => void): () => void {
  if (!isListening) process.on("exit", removeAll);
  isListening = true;
  pending.add(remove);
  return () => void pending.delete(remove);
}

function removeAll(): void {
  for (const remove of pending) {
    try {
      remove();
    } catch {
      // The process ends all the same; the next writer removes what is left.
    }
  }
  pending.clear();
}
