import { type ByteSource, CorruptDataError, isOzxError, type OzxError, type ReadOptions } from "@ozx/core";
import { damagedFile } from "@ozx/virtual";
import { getUint64, viewOf } from "../parse/bytes.js";
import { Nd2Fault } from "../parse/fault.js";
import type { VariantLevel } from "../parse/lite-variant.js";
import { parseXmlVariant } from "../parse/xml-variant.js";
import { TRAILER_LENGTH } from "../read/is-legacy.js";
import { BOX_START, parseBoxMap, parseBoxStart } from "./box-map.js";

/** An open ND2 of before version 2.1: pictures of JPEG 2000 and XML in boxes. */
export interface LegacyFile {
  readonly name: string;
  readonly source: ByteSource;
  /** Where the boxes with pictures are: those of the channels of a frame follow one another. */
  readonly pictures: readonly number[];
  /** The content of the first box of a kind of XML, as of `VIMD`; undefined where there is none. */
  xml(tag: string, options?: ReadOptions): Promise<Uint8Array | undefined>;
  /** The same as values; undefined also where it is not XML. */
  metadata(tag: string, options?: ReadOptions): Promise<VariantLevel | undefined>;
  /** Where the bytes of a picture are. @throws CorruptDataError where its box is not whole */
  picture(
    index: number,
    options?: ReadOptions,
  ): Promise<{ readonly offset: number; readonly length: number }>;
  fault(what: string, cause?: unknown): OzxError;
}

/** The longest map and the longest XML that are read. */
const LONGEST = 256 * 1024 * 1024;

/** Opens an ND2 that `isLegacy` has recognized. @throws InvalidArchiveError when it is damaged */
export async function openLegacyFile(source: ByteSource, options?: ReadOptions): Promise<LegacyFile> {
  const { name, size } = source;
  const fault = (what: string, cause?: unknown): OzxError => damagedFile(source, what, cause);
  const trailer = await source.read(size - TRAILER_LENGTH, TRAILER_LENGTH, options);
  const distance = getUint64(viewOf(trailer), TRAILER_LENGTH - 8);
  if (distance < TRAILER_LENGTH || distance > Math.min(size, LONGEST)) {
    throw fault(`has the map of its boxes ${distance} bytes before its end`);
  }
  const bytes = await source.read(size - distance, distance, options);
  let boxes: ReturnType<typeof parseBoxMap>;
  try {
    boxes = parseBoxMap(bytes);
  } catch (error) {
    throw error instanceof Nd2Fault ? fault(error.message, error) : error;
  }

  const contentOf = async (offset: number, options?: ReadOptions) => {
    const start = await source.read(
      Math.min(offset, size),
      Math.max(0, Math.min(BOX_START, size - offset)),
      options,
    );
    const box = parseBoxStart(start, size - offset);
    return box && { offset: offset + box.start, length: box.end - box.start };
  };
  const xml: LegacyFile["xml"] = async (tag, options) => {
    const box = boxes.find((one) => one.tag === tag);
    const content = box && (await contentOf(box.offset, options));
    if (content === undefined || content.length > LONGEST) return undefined;
    return source.read(content.offset, content.length, options);
  };
  const pictures = boxes
    .filter(({ type, tag }) => type === "jp2c" && tag === "LUNK")
    .map((box) => box.offset);
  return {
    name,
    source,
    pictures,
    xml,
    async metadata(tag, options) {
      const content = await xml(tag, options);
      if (content === undefined) return undefined;
      try {
        return await parseXmlVariant(content, { location: name, what: tag }, options);
      } catch (error) {
        if (isOzxError(error, "InvalidMetadata") || isOzxError(error, "Unsupported")) return undefined;
        throw error;
      }
    },
    async picture(index, options) {
      const offset = pictures[index];
      const content = offset === undefined ? undefined : await contentOf(offset, options);
      if (content !== undefined) return content;
      source.checkUnchanged?.();
      throw new CorruptDataError(
        `${name} is damaged or was not copied completely: its picture ${index} is not whole`,
        { location: name },
      );
    },
    fault,
  };
}
