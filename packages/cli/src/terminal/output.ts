import type { Writable } from "node:stream";
import { styleText } from "node:util";

/** Where a command's words go: data to stdout, everything else to stderr. */
export interface Output {
  /** Data: what the command was asked for. */
  data(text: string): void;
  /** A remark for the person at the terminal; nothing with `--quiet`. */
  note(text: string): void;
  /** What went wrong. */
  error(text: string): void;
}

export function createOutput({ quiet = false }: { quiet?: boolean | undefined } = {}): Output {
  return {
    data: (text) => process.stdout.write(`${text}\n`),
    note: (text) => {
      if (!quiet) process.stderr.write(`${text}\n`);
    },
    error: (text) => process.stderr.write(`${styled("red", "ozx:", process.stderr)} ${text}\n`),
  };
}

/** Styled where the stream is a terminal that wants it; honours NO_COLOR and FORCE_COLOR. */
export function styled(
  style: Parameters<typeof styleText>[0],
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  return styleText(style, text, { stream });
}

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
