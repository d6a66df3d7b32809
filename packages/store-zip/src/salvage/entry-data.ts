import { type ByteSource, isOzxError, type ReadOptions } from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { entryInflater } from "../read/entry-stream.js";
import { isEncrypted, METHOD_DEFLATE, METHOD_STORED } from "../records/fields.js";

/** What a header says of an entry's data. */
export interface DataClaims {
  readonly name: string;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
}

/** An entry whose data has been read, and has the CRC that a header gives. */
export interface SoundEntry extends DataClaims {
  /** Where its local header starts in the file. */
  readonly headerOffset: number;
  /** Where its data starts in the file. */
  readonly dataOffset: number;
}

/** A part of a file, in bytes from its start. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

/** Why an entry's data cannot be read, whatever it is; undefined where it can. */
export function unsupportedData({ flags, method, compressedSize, size }: DataClaims): string | undefined {
  if (isEncrypted({ flags, method })) return "it is encrypted";
  if (method !== METHOD_STORED && method !== METHOD_DEFLATE) return `it is compressed with method ${method}`;
  if (method === METHOD_STORED && compressedSize !== size) return "its header is damaged: it has two sizes";
  return undefined;
}

/** Bytes of one read. */
const READ_BLOCK = 1024 * 1024;

/**
 * Reads the data that an entry would have at a position.
 *
 * @returns why it is not that data, as a clause; undefined where its CRC is right
 */
export async function checkData(
  source: ByteSource,
  claims: DataClaims,
  dataOffset: number,
  options?: ReadOptions,
): Promise<string | undefined> {
  const { compressedSize, method, crc: expected } = claims;
  if (dataOffset + compressedSize > source.size) return "the file ends within its data";
  let crc = 0;
  const take = (data: Uint8Array): void => {
    crc = crc32(data, crc);
  };
  try {
    const inflater = method === METHOD_DEFLATE ? entryInflater({ source }, claims) : undefined;
    for (let at = 0; at < compressedSize; at += READ_BLOCK) {
      options?.signal?.throwIfAborted();
      const block = await readBytes(
        source,
        dataOffset + at,
        Math.min(READ_BLOCK, compressedSize - at),
        options,
      );
      if (inflater === undefined) take(block);
      else inflater.push(block, take);
    }
    inflater?.finish(take);
  } catch (error) {
    if (!isOzxError(error, "CorruptData")) throw error;
    return "its compressed data is damaged";
  }
  return crc === expected ? undefined : "its data does not match its CRC";
}

/** Reads by blocking where the platform can: there may be a million small entries. */
export function readBytes(
  source: ByteSource,
  offset: number,
  length: number,
  options?: ReadOptions,
): Uint8Array | Promise<Uint8Array> {
  if (source.readSync === undefined || length > READ_BLOCK) return source.read(offset, length, options);
  const bytes = new Uint8Array(length);
  source.readSync(offset, bytes);
  return bytes;
}
