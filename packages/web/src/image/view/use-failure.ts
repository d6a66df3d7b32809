import { isOzxError } from "@ozx/core";
import { useCallback, useEffect, useRef, useState } from "react";

/** The error of the picture, and a function to try again. */
interface FailureControl {
  readonly error: unknown;
  /** The number of retries. */
  readonly attempt: number;
  setError(error: unknown): void;
  retry(): void;
}

/** Milliseconds until a failed request is retried; doubled with each retry, up to the longest wait. */
const FIRST_WAIT = 4000;
const LONGEST_WAIT = 60_000;

/**
 * Keeps an error until a retry. The user retries; where a server could not be reached, the page also retries after a
 * while, and as soon as the computer is online again.
 *
 * @param position what the picture shows: an error is dropped when it changes
 */
export function useFailure(position: unknown): FailureControl {
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  const wait = useRef(FIRST_WAIT);
  const retry = useCallback(() => {
    setError(undefined);
    setAttempt((last) => last + 1);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: an error belongs to the position where it occurred
  useEffect(() => setError(undefined), [position]);

  useEffect(() => {
    if (!isOzxError(error, "Network")) return;
    const retryLater = (): void => {
      wait.current = Math.min(LONGEST_WAIT, wait.current * 2);
      retry();
    };
    const timer = setTimeout(retryLater, wait.current);
    window.addEventListener("online", retryLater);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("online", retryLater);
    };
  }, [error, retry]);

  return { error, attempt, setError, retry };
}
