import { formatSeconds } from "../../words/units.js";
import { onAbort } from "../on-abort.js";

/** How many milliseconds a server may say nothing, where nobody says otherwise. */
export const TIMEOUT = 30_000;

/** A server has said nothing for too long. */
export class Silence extends Error {
  override readonly name = "Silence";
}

/** Counts what a server sends: while it sends something, others that wait for it are only waiting in line. */
export interface Pulse {
  beats: number;
}

const pulses = new Map<string, Pulse>();

/** One for all files and folders of a server: browsers share few connections among all requests to it. */
export function pulseOf({ origin }: URL): Pulse {
  const pulse = pulses.get(origin) ?? { beats: 0 };
  pulses.set(origin, pulse);
  return pulse;
}

/** How long one request waits, and for whom it ends early. */
export interface Patience {
  /** Aborts with what it was made of, with its reason, or with `Silence`. */
  readonly signal: AbortSignal;
  /**
   * Waits for what the server sends next.
   *
   * @param pulse where what else the server sends counts too
   * @throws Silence
   */
  wait<T>(next: Promise<T>, pulse?: Pulse): Promise<T>;
  /** Lets go of the signal that it was made of. */
  end(): void;
}

/** The patience with one request: a signal of its own, since `fetch` leaves its listeners on the one it is given. */
export function createPatience(signal: AbortSignal | undefined, timeout: number): Patience {
  const controller = new AbortController();
  const end = signal && onAbort(signal, () => controller.abort(signal.reason));
  return {
    signal: controller.signal,
    async wait(next, pulse) {
      if (timeout === Number.POSITIVE_INFINITY) return next;
      let timer: ReturnType<typeof setInterval> | undefined;
      const silence = new Promise<never>((_, reject) => {
        timer = everyTick(timeout, pulse, () => {
          const error = new Silence(`has sent nothing for ${formatSeconds(timeout / 1000)}`);
          reject(error);
          controller.abort(error);
        });
      });
      try {
        return await Promise.race([next, silence]);
      } finally {
        clearInterval(timer);
      }
    },
    end: () => end?.(),
  };
}

/** A process that was stopped, or a machine that slept, misses all but one of them, and listens again before it gives up. */
const TICKS = 10;
const LONGEST_TICK = 2 ** 31 - 1;

function everyTick(
  timeout: number,
  pulse: Pulse | undefined,
  over: () => void,
): ReturnType<typeof setInterval> {
  let left = TICKS;
  let beats = pulse?.beats;
  return setInterval(
    () => {
      left = beats === pulse?.beats ? left - 1 : TICKS;
      beats = pulse?.beats;
      if (left === 0) over();
    },
    Math.min(timeout / TICKS, LONGEST_TICK),
  );
}
