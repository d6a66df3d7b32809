import {
  type ByteSource,
  CorruptDataError,
  type Finding,
  type OzxError,
  type ReadOptions,
  UnknownFormatError,
  UnsupportedError,
} from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import { damagedFile, oneFile, type VirtualFiles } from "@ozx/virtual";
import {
  BLOCK_START,
  decodeText,
  isLifText,
  LOF_START,
  LOF_TYPE,
  LONGEST_MEMORY_START,
  parseBlockStart,
  parseLofStart,
  parseMemoryBlock,
  TYPE_LENGTH,
} from "../parse/blocks.js";
import type { LifElement } from "../parse/elements.js";
import { LifFault } from "../parse/fault.js";
import { parseElements } from "./parse-elements.js";

/** An open LIF, LOF or project in several files: what the XML describes, and where the pixels are. */
export interface LifFile {
  /** In messages. */
  readonly name: string;
  readonly kind: "LIF" | "LOF" | "project";
  /** The XML as the file has it, and that of the other files of a project. */
  readonly documents: readonly string[];
  readonly elements: readonly LifElement[];
  /** Elements with data that are not images, as those of FLIM. */
  readonly others: readonly LifElement[];
  /**
   * Where the pixels of an image are, which may lie beyond the end of the file; undefined where there is no such block, and
   * why that is, as the end of a sentence about the image, where its file cannot be read.
   */
  block(element: LifElement): FileBlock | string | undefined;
  /** What is left out besides images, and why. */
  readonly findings: readonly Finding[];
  readonly files: VirtualFiles;
  /** The error for what is wrong with the file, as the end of a sentence about it. */
  fault(what: string, cause?: unknown): OzxError;
}

/** A run of bytes of a file. */
export interface FileBlock {
  readonly source: ByteSource;
  readonly offset: number;
  readonly size: number;
  /** Of a block that is decoded when it is read: the bytes that it has in its files. */
  readonly storedBytes?: number | undefined;
}

/** Bytes that are read at once where blocks are small. */
const WINDOW = 64 * 1024;

/**
 * Opens a LIF or LOF: reads its XML and finds its blocks.
 *
 * @throws UnknownFormatError when it is neither
 * @throws InvalidArchiveError when it is damaged
 * @throws UnsupportedError for a LIFEXT
 */
export async function openLifFile(source: ByteSource, options?: ReadOptions): Promise<LifFile> {
  const { name } = source;
  const fault = (what: string, cause?: unknown): OzxError => damagedFile(source, what, cause);
  const header = await readText(source, 0, options);
  if (header === undefined || !isLifText(header.text))
    throw new UnknownFormatError(`${name} is not a LIF or LOF`, { location: name });
  try {
    const isLof = header.text === LOF_TYPE;
    const pixels = isLof ? await lofPixels(source, header.end, options) : undefined;
    const text =
      pixels === undefined
        ? header.text
        : (await readText(source, pixels.offset + pixels.size, options))?.text;
    if (text === undefined) throw fault("has no XML after its pixels");
    if (/^\s*<LMSDataContainerEnhancedHeader\b/.test(text)) throw extended(name);
    const { version, elements, others } = await parseElements(text, name, options);
    const blocks = pixels === undefined ? await findBlocks(source, header.end, version, options) : undefined;
    return {
      name,
      kind: isLof ? "LOF" : "LIF",
      documents: [text],
      elements,
      others,
      block: ({ block }) => pixels ?? (block === undefined ? undefined : blocks?.get(block)),
      findings: [],
      files: oneFile(source),
      fault,
    };
  } catch (error) {
    if (error instanceof LifFault) throw fault(error.message, error);
    throw error;
  }
}

/** The text of the block at a place; undefined where there is no such block. */
async function readText(
  source: ByteSource,
  at: number,
  options?: ReadOptions,
): Promise<{ text: string; end: number } | undefined> {
  const { size } = source;
  const start = await source.read(Math.min(at, size), Math.max(0, Math.min(BLOCK_START, size - at)), options);
  const block = parseBlockStart(start);
  if (block === undefined) return undefined;
  if (at + BLOCK_START + block.textBytes > size) throw damagedFile(source, "ends within its header");
  const text = decodeText(await source.read(at + BLOCK_START, block.textBytes, options));
  return { text, end: at + block.end };
}

/** Where the pixels of a LOF are; undefined where a file is none, or is damaged before its pixels. */
export async function locateLof(source: ByteSource, options?: ReadOptions): Promise<FileBlock | undefined> {
  const start = await source.read(0, Math.min(source.size, BLOCK_START + TYPE_LENGTH + LOF_START), options);
  const block = parseBlockStart(start);
  if (block === undefined || !decodeText(start.subarray(BLOCK_START, block.end)).startsWith(LOF_TYPE))
    return undefined;
  try {
    const size = parseLofStart(start.subarray(block.end));
    return { source, offset: block.end + LOF_START, size };
  } catch (error) {
    if (error instanceof LifFault) return undefined;
    throw error;
  }
}

/** @throws LifFault */
async function lofPixels(source: ByteSource, at: number, options?: ReadOptions): Promise<FileBlock> {
  const length = Math.max(0, Math.min(LOF_START, source.size - at));
  const offset = at + LOF_START;
  const size = parseLofStart(await source.read(Math.min(at, source.size), length, options));
  if (offset + size > source.size) throw new LifFault("ends before its XML, which comes after its pixels");
  return { source, offset, size };
}

/**
 * Finds the blocks of a LIF from one to the next. What follows a block that the file ends in, or that is damaged, is not
 * found.
 */
async function findBlocks(
  source: ByteSource,
  start: number,
  version: 1 | 2,
  options?: ReadOptions,
): Promise<ReadonlyMap<string, FileBlock>> {
  const blocks = new Map<string, FileBlock>();
  const pause = createThrottle(options);
  let window: Uint8Array = new Uint8Array(0);
  let windowAt = Number.NEGATIVE_INFINITY;
  for (let at = start; at < source.size; ) {
    options?.signal?.throwIfAborted();
    const rest = pause();
    if (rest !== undefined) await rest;
    const known = at - windowAt;
    const isKnown = known + LONGEST_MEMORY_START <= window.length;
    if (!isKnown) {
      // Small blocks lie close together, and between large ones only their starts are read.
      const length = at - windowAt < WINDOW ? WINDOW : LONGEST_MEMORY_START;
      window = await source.read(at, Math.min(length, source.size - at), options);
      windowAt = at;
    }
    const bytes = window.subarray(at - windowAt);
    let block: ReturnType<typeof parseMemoryBlock>;
    try {
      block = parseMemoryBlock(bytes, version);
    } catch (error) {
      if (error instanceof LifFault) return blocks;
      throw error;
    }
    const offset = at + block.data;
    if (!blocks.has(block.id)) blocks.set(block.id, { source, offset, size: block.size });
    at = offset + block.size;
  }
  return blocks;
}

/** The error for pixels that cannot be read, by what is wrong, as a sentence. */
export function corruptPixels(source: ByteSource, what: string): OzxError {
  source.checkUnchanged?.();
  return new CorruptDataError(`${source.name} is damaged or was not copied completely: ${what}`, {
    location: source.name,
  });
}

function extended(name: string): OzxError {
  return new UnsupportedError(
    `${name} is a LIFEXT, which holds additional data of a LIF: open the .lif beside it`,
    { location: name, feature: "LIFEXT" },
  );
}
