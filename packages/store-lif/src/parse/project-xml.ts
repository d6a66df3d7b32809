/** Enough for a declaration and the root element. */
export const PROJECT_START = 512;

/**
 * Whether bytes are the XML of a project in several files: an experiment (XLEF), a collection (XLCF), a list (XLLF) or an
 * image (XLIF).
 */
export function isProjectXml(start: Uint8Array): boolean {
  return /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*<LMSDataContainerHeader\b/.test(decodeXml(start));
}

/** The text of XML in UTF-8 or UTF-16, with a byte order mark or without one. */
export function decodeXml(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c);
  const isLittle = (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0);
  return new TextDecoder(isBig ? "utf-16be" : isLittle ? "utf-16le" : "utf-8").decode(bytes);
}

/**
 * The path of a file that a file of a project names, both from the folder of the project on.
 *
 * @param from the file that names it
 * @param reference as the XML has it: quoted as in an address, with either slash
 * @returns undefined where it leads out of the folder
 */
export function resolveReference(from: string, reference: string): string | undefined {
  const path = unquote(reference).replaceAll("\\", "/");
  if (path.startsWith("/") || /^[a-z]+:/i.test(path)) return undefined;
  const parts = from.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.length === 0 ? undefined : parts.join("/");
}

function unquote(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign of its own.
    return text;
  }
}
