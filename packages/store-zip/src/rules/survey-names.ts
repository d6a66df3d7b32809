import type { CentralDirectory } from "../directory/central-directory.js";

/** What stands in a name, as bits; what few names have is looked at again, and all others are never decoded. */
export const NAME_NOT_ASCII = 1;
export const NAME_BACKSLASH = 2;
/** Something that a name must have to lead out of a folder: an empty or dotted segment, a colon, a control character. */
export const NAME_SUSPICIOUS = 4;
/** It ends with `.zip` or `.ozx`. */
export const NAME_ARCHIVE = 8;
/** A segment starts with `.z`, as the documents of Zarr v2 do. */
export const NAME_DOT_Z = 16;

/** Looks at every byte of every name once. */
export function surveyNames({ count, names, nameEnds }: CentralDirectory): Uint8Array {
  const found = new Uint8Array(count);
  for (let index = 0, at = 0; index < count; index++) {
    const end = nameEnds[index] as number;
    let bits = at === end ? NAME_SUSPICIOUS : 0;
    let before = SLASH;
    let dotted = false;
    for (; at < end; at++) {
      const byte = names[at] as number;
      if (byte > 0x7f) bits |= NAME_NOT_ASCII;
      else if (byte < 0x20 || byte === COLON) bits |= NAME_SUSPICIOUS;
      else if (byte === BACKSLASH) bits |= NAME_BACKSLASH | NAME_SUSPICIOUS;
      else if (before === SLASH && (byte === DOT || byte === SLASH)) bits |= NAME_SUSPICIOUS;
      else if (dotted && byte === LOWER_Z) bits |= NAME_DOT_Z;
      dotted = before === SLASH && byte === DOT;
      before = byte;
    }
    if (endsLikeArchive(names, end, index === 0 ? 0 : (nameEnds[index - 1] as number))) bits |= NAME_ARCHIVE;
    found[index] = bits;
  }
  return found;
}

function endsLikeArchive(names: Uint8Array, end: number, start: number): boolean {
  if (end - start < 4 || names[end - 4] !== DOT) return false;
  const suffix = String.fromCharCode(...names.subarray(end - 3, end)).toLowerCase();
  return suffix === "zip" || suffix === "ozx";
}

const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const DOT = 0x2e;
const COLON = 0x3a;
const LOWER_Z = 0x7a;
