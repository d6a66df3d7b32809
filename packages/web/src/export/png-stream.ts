import { crc32 } from "@ozx/store-zip/internal";

/** A PNG that is written row after row, so that it may be larger than any canvas. */
export interface PngStream {
  /** Takes rows of red, green and blue. Resolves once it takes more. */
  write(rows: Uint8Array): Promise<void>;
  /** The whole picture; call it after the last row. */
  finish(): Promise<Blob>;
}

/** Bytes a pixel: red, green, blue. */
const PIXEL = 3;
const MOST_BYTES = 512 * 1024;
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Starts a PNG (ISO/IEC 15948) of 8 bits a colour, without alpha. */
export function createPngStream(width: number, height: number): PngStream {
  const { readable, writable } = new CompressionStream("deflate");
  const writer = writable.getWriter();
  const parts: BlobPart[] = [SIGNATURE, ...chunk("IHDR", headerOf(width, height))];
  const collected = collect(readable, (data) => parts.push(new Blob(chunk("IDAT", data))));
  // Reported by `finish`, or else by the row that could not be written.
  collected.catch(() => {});
  return {
    async write(rows) {
      // In pieces, for the page to stay responsive.
      const piece = Math.max(1, Math.floor(MOST_BYTES / (width * PIXEL))) * width * PIXEL;
      for (let at = 0; at < rows.length; at += piece) {
        await writer.ready;
        await writer.write(filterRows(rows.subarray(at, at + piece), width));
      }
    },
    async finish() {
      await writer.close();
      await collected;
      return new Blob([...parts, ...chunk("IEND", new Uint8Array())], { type: "image/png" });
    },
  };
}

async function collect(
  readable: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (data: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(value);
  }
}

function headerOf(width: number, height: number): Uint8Array<ArrayBuffer> {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  // Bits a colour, and colours without a palette.
  header.setUint8(8, 8);
  header.setUint8(9, 2);
  return new Uint8Array(header.buffer);
}

/** Stores every byte as its difference from the pixel at its left (filter type 1), which compresses better. */
function filterRows(rows: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  const stride = width * PIXEL;
  const count = rows.length / stride;
  const filtered = new Uint8Array(count * (stride + 1));
  for (let row = 0; row < count; row++) {
    const [from, to] = [row * stride, row * (stride + 1)];
    filtered[to] = 1;
    for (let at = 0; at < stride; at++) {
      const left = at < PIXEL ? 0 : (rows[from + at - PIXEL] as number);
      filtered[to + 1 + at] = (rows[from + at] as number) - left;
    }
  }
  return filtered;
}

/** A chunk of a PNG: its length, its type, its data, and the checksum of type and data. */
function chunk(type: string, data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const start = new Uint8Array(8);
  new DataView(start.buffer).setUint32(0, data.length);
  start.set(new TextEncoder().encode(type), 4);
  const end = new DataView(new ArrayBuffer(4));
  end.setUint32(0, crc32(data, crc32(start.subarray(4))));
  return [start, data, new Uint8Array(end.buffer)];
}
