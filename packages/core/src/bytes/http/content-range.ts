/** A `Content-Range` of a 206 response (RFC 9110, 14.4), taken apart. */
export interface ContentRange {
  /** First and last byte, both included. */
  readonly first: number;
  readonly last: number;
  /** Length of the whole; undefined where the server says `*`. */
  readonly total: number | undefined;
}

/** Parses `bytes 0-99/1000`, or undefined for anything else, which is no answer to one range of bytes. */
export function parseContentRange(header: string | null): ContentRange | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  const total = match[3] === "*" ? undefined : Number(match[3]);
  if (first > last || (total !== undefined && last >= total)) return undefined;
  return { first, last, total };
}
