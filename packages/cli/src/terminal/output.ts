import type { Writable } from "node:stream";
import { styleText } from "node:util";

/** Where a command prints: results to stdout, everything else to stderr. */
export interface Output {
  /** Prints a result. */
  data(text: string): void;
  /** Prints a remark for the person at the terminal; nothing with `--quiet`. */
  note(text: string): void;
  /** Prints what a task has written, also with `--quiet`: in the log of a job it is the only trace. */
  summary(text: string): void;
  /** Prints what went wrong. */
  error(text: string): void;
}

export function createOutput({ quiet = false }: { quiet?: boolean | undefined } = {}): Output {
  return {
    data: (text) => process.stdout.write(`${text}\n`),
    note: (text) => {
      if (!quiet) process.stderr.write(`${text}\n`);
    },
    summary: (text) => process.stderr.write(`${text}\n`),
    error: (text) => process.stderr.write(`${styled("red", "ozx:", process.stderr)} ${text}\n`),
  };
}

let stdoutClaimed = false;

/** Tells that the command writes an archive to the standard output, and reports itself when that fails. */
export function claimStdout(): void {
  stdoutClaimed = true;
}

/** Whether {@link claimStdout} was called. */
export function isStdoutClaimed(): boolean {
  return stdoutClaimed;
}

/** The text in a style where the stream is a terminal that supports it; honours NO_COLOR and FORCE_COLOR. */
export function styled(
  style: Parameters<typeof styleText>[0],
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  return styleText(style, text, { stream });
}

/** Writes data in large pieces, no faster than its reader takes them. */
export interface DataWriter {
  /** Returns undefined while the data fits into the buffer; otherwise await the result before the next write. */
  write(data: string | Uint8Array): Promise<void> | undefined;
  /** Resolves when everything written has left the process. */
  flush(): Promise<void>;
}

/** The capacity of a pipe on Linux. */
const BLOCK = 64 * 1024;

export function createDataWriter(stream: Writable): DataWriter {
  let text = "";
  const send = (data: string | Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      stream.write(data, (error) => {
        if (!error) resolve();
        // Nobody reads any more: the listener set by main ends the process, without an error.
        else if (!("code" in error && error.code === "EPIPE")) reject(error);
      });
    });
  const flush = async (): Promise<void> => {
    const buffered = text;
    text = "";
    if (buffered !== "") await send(buffered);
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
