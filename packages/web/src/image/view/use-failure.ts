import { isOzxError } from "@ozx/core";
import { useCallback, useEffect, useRef, useState } from "react";

/** What has gone wrong with the picture, and how to go on. */
export interface FailureControl {
  readonly error: unknown;
  /** How often it was tried again. */
  readonly attempt: number;
  setError(error: unknown): void;
  retry(): void;
}

/** Milliseconds until a server is asked again; each further time twice as long. */
const FIRST_WAIT = 4000;
const LONGEST_WAIT = 60_000;

/**
 * Keeps what has failed until it is tried again: on demand, or, where it was for a server that could not be reached,
 * after a while or once the computer is connected again.
 *
 * @param place what is looked at: what has failed elsewhere no longer matters
 */
export function useFailure(place: unknown): FailureControl {
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  const wait = useRef(FIRST_WAIT);
  const retry = useCallback(() => {
    setError(undefined);
    setAttempt((last) => last + 1);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another place is a reason to forget
  useEffect(() => setError(undefined), [place]);

  useEffect(() => {
    if (!isOzxError(error, "Network")) return;
    const again = (): void => {
      wait.current = Math.min(LONGEST_WAIT, wait.current * 2);
      retry();
    };
    const timer = setTimeout(again, wait.current);
    window.addEventListener("online", again);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("online", again);
    };
  }, [error, retry]);

  return { error, attempt, setError, retry };
}
