import type { Writable } from "node:stream";

/** Writes data in large pieces and no faster than its reader takes them. */
export interface DataWriter {
  /** Undefined while there is room; otherwise to be awaited before more is written. */
  write(data: string | Uint8Array): Promise<void> | undefined;
  /** Resolves when all that was written has left the process. */
  flush(): Promise<void>;
}

/** A pipe takes this much at once on Linux. */
const BLOCK = 64 * 1024;

export function createDataWriter(stream: Writable): DataWriter {
  let text = "";
  const send = (data: string | Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      stream.write(data, (error) => {
        if (!error) resolve();
        // Nobody reads any more: the listener that main has set ends the process, and that is no error.
        else if (!("code" in error && error.code === "EPIPE")) reject(error);
      });
    });
  const flush = async (): Promise<void> => {
    const waiting = text;
    text = "";
    if (waiting !== "") await send(waiting);
  };
  return {
    write(data) {
      if (typeof data !== "string") return flush().then(() => send(data));
      text += data;
      return text.length < BLOCK ? undefined : flush();
    },
    flush,
  };
}
