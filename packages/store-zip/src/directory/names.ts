import { FLAG_UTF8 } from "../records/flags.js";

/** The flags of an entry that is written: whether its name is more than ASCII is all there is to say. */
export function flagsFor(name: Uint8Array): number {
  return isAscii(name) ? 0 : FLAG_UTF8;
}

/** Whether all bytes, or those at `start..end`, are ASCII. */
export function isAscii(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  for (let i = start; i < end; i++) if ((bytes[i] as number) > 0x7f) return false;
  return true;
}

/** Whether the bytes are well-formed UTF-8. Many writers write UTF-8 and forget to set the flag. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    STRICT.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A name in IBM code page 437, ZIP's encoding of old (APPNOTE, appendix D). */
export function decodeCp437(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : CP437.charAt(byte - 0x80);
  return text;
}

const STRICT = new TextDecoder("utf-8", { fatal: true });

const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";
