/**
 * Breaks a text into lines of at most `width` characters, each after `indent`; a word that is longer has a line
 * of its own.
 */
export function wrap(text: string, { width, indent = "" }: { width: number; indent?: string }): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(indent + line);
  return lines;
}

/** How wide text for people is on this terminal: readable, and 80 characters where nobody says. */
export function textWidth(columns: number | undefined): number {
  return Math.max(40, Math.min(columns ?? 80, 100));
}

/**
 * The text with control characters spelled out. Names in a file are anybody's, and a terminal obeys what it is
 * sent.
 */
export function printable(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
