import type { Patience, Pulse } from "./patience.js";

/** What a server sends to one request: a `Response` of which each piece comes in time, or is an error. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /**
   * The next bytes of the body; undefined at its end.
   *
   * @throws Silence, and what `fetch` throws where the connection breaks
   */
  next(): Promise<Uint8Array | undefined>;
  /** Keeps the body for later: who calls this reads it to its end, or leaves it. */
  keep(): void;
  /** Whether it is kept. */
  readonly isKept: boolean;
  /** Takes no more of the body, so that the connection is free for others. */
  leave(): void;
}

export function answerOf(response: Response, patience: Patience, pulse: Pulse): Answer {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let isKept = false;
  let isOver = false;
  const leave = (): void => {
    if (isOver) return;
    isOver = true;
    patience.end();
    // What broke cannot be left; that it broke is told to who reads.
    (reader ?? response.body)?.cancel().catch(() => {});
  };
  pulse.beats++;
  return {
    status: response.status,
    headers: response.headers,
    async next() {
      reader ??= response.body?.getReader();
      if (isOver || reader === undefined) return undefined;
      try {
        const { value } = await patience.wait(reader.read(), pulse);
        pulse.beats++;
        if (value === undefined) leave();
        return value;
      } catch (error) {
        leave();
        throw error;
      }
    },
    keep() {
      isKept = true;
    },
    get isKept() {
      return isKept;
    },
    leave,
  };
}

/** All that is to come of a body, piece by piece. */
export async function* piecesOf(answer: Answer): AsyncGenerator<Uint8Array> {
  for (let piece = await answer.next(); piece !== undefined; piece = await answer.next()) yield piece;
}
