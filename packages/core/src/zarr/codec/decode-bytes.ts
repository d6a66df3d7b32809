import { type Codec, plainName } from "./chain.js";
import { crc32cFault } from "./crc32c-fault.js";
import { claimedSize, cutShort } from "./decoded-size.js";
import type { CodecPlatform } from "./platform.js";
import { unshuffleBytes } from "./shuffle.js";

/**
 * Undoes codecs that only move bytes. What would come to more than it should is found out before, as far as
 * formats tell.
 *
 * @param codecs in the order of encoding
 * @param size bytes of the decoded chunk
 * @returns the bytes, or what is wrong with them as the end of a sentence about the chunk
 */
export async function decodeBytes(
  codecs: readonly Codec[],
  bytes: Uint8Array,
  size: number,
  platform: CodecPlatform,
): Promise<Uint8Array | string> {
  let decoded = bytes;
  for (let k = codecs.length - 1; k >= 0; k--) {
    const { name, configuration } = codecs[k] as Codec;
    // What is still encoded may be a little larger than what it decodes to.
    const room = k === 0 ? size : size + k * (64 + Math.ceil(size / 64));
    const result = await decodeOne(
      plainName(name),
      configuration,
      decoded,
      { room, exact: k === 0 },
      platform,
    );
    if (typeof result === "string") return result;
    decoded = result;
  }
  return decoded.length === size ? decoded : wrongSize(decoded.length, size, "bytes");
}

export function wrongSize(found: number, expected: number, what: string): string {
  return `decodes to ${found} and not to ${expected} ${what}`;
}

async function decodeOne(
  name: string,
  configuration: Codec["configuration"],
  bytes: Uint8Array,
  { room, exact }: { readonly room: number; readonly exact: boolean },
  platform: CodecPlatform,
): Promise<Uint8Array | string> {
  switch (name) {
    case "gzip":
      return platform.deflate.inflate(bytes, "gzip", room);
    case "zlib":
      return platform.deflate.inflate(bytes, "deflate", room);
    case "crc32c":
      return crc32cFault(bytes) ?? bytes.subarray(0, bytes.length - 4);
    case "shuffle":
      return unshuffle(bytes, configuration["elementsize"] ?? SHUFFLED_BY_DEFAULT);
    default: {
      const short = cutShort(name, bytes);
      if (short !== undefined) return short;
      const claimed = claimedSize(name, bytes);
      if (claimed !== undefined && (exact ? claimed !== room : claimed > room)) {
        return wrongSize(claimed, room, "bytes");
      }
      try {
        return await platform.decode(name, configuration, bytes);
      } catch (error) {
        return `does not decode: ${reasonOf(error)}`;
      }
    }
  }
}

/** numcodecs' size of an element where none is given. */
const SHUFFLED_BY_DEFAULT = 4;

function unshuffle(bytes: Uint8Array, itemSize: unknown): Uint8Array | string {
  if (typeof itemSize !== "number" || !Number.isInteger(itemSize) || itemSize < 1) {
    return `is shuffled by ${JSON.stringify(itemSize)} bytes, which is no size`;
  }
  if (bytes.length % itemSize === 0) return unshuffleBytes(bytes, itemSize);
  return `has ${bytes.length} shuffled bytes, which are no multiple of ${itemSize}`;
}

/** The innermost reason, in one line; codecs in WebAssembly throw texts and numbers too. */
export function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  const text = inner instanceof Error ? inner.message : String(inner);
  return text.split("\n", 1)[0]?.replace(/\.$/, "") || "the codec gives no reason";
}
