import type { ByteSource } from "@ozx/core";
import { checkByteRange } from "@ozx/core/container";
import type { FileBlock } from "./lif-file.js";

/** A part of a block that is in several files. */
export interface BlockPart extends FileBlock {
  /** Where it is in the block. */
  readonly at: number;
}

/**
 * A block that is in several files as one run of bytes.
 *
 * @param parts sorted by where they are, which do not overlap
 * @returns undefined where bytes between them are missing
 */
export function joinParts(parts: readonly BlockPart[], name: string): FileBlock | undefined {
  let size = 0;
  for (const part of parts) {
    if (part.at !== size) return undefined;
    size += part.size;
  }
  const [first] = parts;
  if (first === undefined) return undefined;
  if (parts.length === 1) return first;
  const source: ByteSource = {
    name,
    size,
    async read(offset, length, options) {
      checkByteRange({ name, size }, offset, length);
      const bytes = new Uint8Array(length);
      const read = async (part: BlockPart): Promise<void> => {
        const from = Math.max(offset, part.at);
        const to = Math.min(offset + length, part.at + part.size);
        if (from < to)
          bytes.set(await part.source.read(part.offset + from - part.at, to - from, options), from - offset);
      };
      await Promise.all(parts.map(read));
      return bytes;
    },
    async close() {},
  };
  const isDecoded = parts.some(({ storedBytes }) => storedBytes !== undefined);
  const storedBytes = parts.reduce((sum, part) => sum + (part.storedBytes ?? part.size), 0);
  return { source, offset: 0, size, ...(isDecoded && { storedBytes }) };
}
