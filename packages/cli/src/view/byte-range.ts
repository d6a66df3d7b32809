/** The part of a file that a request asks for: `end` is the byte after the last one. */
interface BytePart {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header (RFC 9110, 14.1.2): undefined where there is none that has to be understood, and
 * `unsatisfiable` where it lies outside of the file. Of several ranges, none is answered.
 */
export function parseByteRange(
  header: string | undefined,
  size: number,
): BytePart | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null || match[0] === "bytes=-") return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  const start = Number(first);
  if (start >= size) return "unsatisfiable";
  if (last !== "" && Number(last) < start) return undefined;
  return { start, end: last === "" ? size : Math.min(size, Number(last) + 1) };
}
