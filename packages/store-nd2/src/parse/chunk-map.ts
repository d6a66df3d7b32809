import { getUint64, viewOf } from "./bytes.js";
import { frameNumber } from "./chunk.js";
import { Nd2Fault } from "./fault.js";

/** Where the chunks of a file are. */
export interface ChunkMap {
  /** Offsets of chunks by their names without `!`; those of frames are apart. */
  readonly chunks: ReadonlyMap<string, number>;
  /** Offsets of the chunks with pixels, by the numbers of their frames. */
  readonly frames: ReadonlyMap<number, number>;
}

/** The last bytes of a file: the signature, and the offset of the chunk map. */
export const TRAILER_LENGTH = 40;
const SIGNATURE = "ND2 CHUNK MAP SIGNATURE 0000001";
/** The name of the chunk with the map. */
export const MAP_NAME = "ND2 FILEMAP SIGNATURE NAME 0001";

/** The offset of the chunk map, from the last 40 bytes; undefined where they are not those of a whole file. */
export function parseTrailer(bytes: Uint8Array): number | undefined {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, SIGNATURE.length));
  return bytes.length < TRAILER_LENGTH || text !== SIGNATURE ? undefined : getUint64(viewOf(bytes), 32);
}

/**
 * Parses the data of the chunk map: names that end with `!`, each followed by an offset and a size, in no particular
 * order. The signature ends it.
 *
 * @throws Nd2Fault where it is truncated
 */
export function parseChunkMap(bytes: Uint8Array): ChunkMap {
  const view = viewOf(bytes);
  const decoder = new TextDecoder("latin1");
  const map = createChunkMap();
  for (let at = 0; ; ) {
    const end = bytes.indexOf(0x21, at);
    if (end < 0) throw new Nd2Fault("has a chunk map without an end");
    const name = decoder.decode(bytes.subarray(at, end));
    if (name === SIGNATURE) return map;
    if (end + 17 > bytes.length) throw new Nd2Fault("has a chunk map that is truncated");
    map.add(name, getUint64(view, end + 1));
    at = end + 17;
  }
}

/** A chunk map to which chunks are added. Of two chunks with one name the first counts. */
export function createChunkMap(): ChunkMap & { add(name: string, offset: number): void } {
  const chunks = new Map<string, number>();
  const frames = new Map<number, number>();
  return {
    chunks,
    frames,
    add(name, offset) {
      const frame = frameNumber(name);
      if (frame === undefined) {
        if (!chunks.has(name)) chunks.set(name, offset);
      } else if (!frames.has(frame)) frames.set(frame, offset);
    },
  };
}
