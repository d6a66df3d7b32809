import { InvalidMetadataError, type ReadOptions, UnsupportedError } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";

/** What {@link parseXml} reports. Names are without their prefixes. */
export interface XmlHandlers {
  /** The start of an element. */
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  /** The text between the last tag and this one comes before. */
  close(name: string): void;
  /** A piece of the text between two tags. */
  text(text: string): void;
}

/** Bytes that are parsed at once: screens have XML of hundreds of megabytes. */
const PIECE = 256 * 1024;
/** The deepest nesting: OME-XML needs a dozen levels. */
const DEEPEST = 256;

/**
 * Parses XML piece by piece, without a tree of it. There are no entities but those of XML itself: a document type, which
 * could define others that fill the memory, is refused.
 *
 * @param where what the XML is, in messages
 * @throws InvalidMetadataError when it is not well-formed
 * @throws UnsupportedError when it has a document type
 */
export async function parseXml(
  bytes: Uint8Array,
  where: { readonly location: string; readonly what: string },
  handlers: XmlHandlers,
  options?: ReadOptions,
): Promise<void> {
  const { location, what } = where;
  // Most TIFFs have no XML.
  const { SaxesParser } = await import("saxes");
  const parser = new SaxesParser({ xmlns: false, position: false } as const);
  let depth = 0;
  parser.on("opentag", ({ name, attributes }) => {
    if (++depth > DEEPEST) throw new Error(`its elements are nested more than ${DEEPEST} deep`);
    handlers.open(localName(name), attributes);
  });
  parser.on("closetag", ({ name }) => {
    depth--;
    handlers.close(localName(name));
  });
  parser.on("text", (text) => handlers.text(text));
  parser.on("cdata", (text) => handlers.text(text));
  parser.on("doctype", () => {
    throw new UnsupportedError(
      `${what} of ${location} has a document type (DTD), which is refused: remove it with the program that wrote it`,
      { location, feature: "document types of XML" },
    );
  });
  const pause = createThrottle(options);
  try {
    for (const piece of textPieces(bytes)) {
      options?.signal?.throwIfAborted();
      parser.write(piece);
      await pause();
    }
    parser.close();
  } catch (error) {
    options?.signal?.throwIfAborted();
    if (error instanceof UnsupportedError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidMetadataError(
      `${what} of ${location} is not well-formed XML: ${reason.replace(/\.$/, "")}`,
      { location },
      { cause: error },
    );
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** The text in pieces, without NULs at its end. It is UTF-8, or what older writers took for it. */
function* textPieces(bytes: Uint8Array): Generator<string> {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const text = bytes.subarray(0, end);
  const decoder = new TextDecoder(isUtf8(text) ? "utf-8" : "windows-1252");
  for (let at = 0; at < text.length; at += PIECE) {
    const piece = decoder.decode(text.subarray(at, at + PIECE), { stream: true });
    yield at === 0 ? piece.trimStart() : piece;
  }
  yield decoder.decode();
}

function isUtf8(text: Uint8Array): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for (let at = 0; at < text.length; at += PIECE)
      decoder.decode(text.subarray(at, at + PIECE), { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}
