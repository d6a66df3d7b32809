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
