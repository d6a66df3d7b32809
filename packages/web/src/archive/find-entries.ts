import type { CentralDirectory } from "@ozx/store-zip";

/**
 * The entries whose names contain a text, whatever the case of its Latin letters, as positions in the directory.
 * Names are looked at as the bytes that they are: an archive of a million entries is searched in the time of a
 * key press.
 */
export function findEntries({ count, names, nameEnds }: CentralDirectory, text: string): Uint32Array {
  const wanted = new TextEncoder().encode(text).map(lower);
  const found = new Uint32Array(count);
  let hits = 0;
  for (let index = 0, start = 0; index < count; index++) {
    const end = nameEnds[index] ?? start;
    if (contains(names, start, end, wanted)) found[hits++] = index;
    start = end;
  }
  return found.slice(0, hits);
}

function contains(names: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  const last = end - wanted.length;
  for (let at = start; at <= last; at++) {
    let same = 0;
    while (same < wanted.length && lower(names[at + same] ?? 0) === wanted[same]) same++;
    if (same === wanted.length) return true;
  }
  return false;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
