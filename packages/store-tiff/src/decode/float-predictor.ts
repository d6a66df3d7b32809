import type { PredictedRows } from "@ozx/virtual/decode";

/**
 * Undoes the floating point predictor (Predictor 3; Adobe Photoshop TIFF Technical Note 3). A row holds the most
 * significant bytes of its samples, then the next ones, and of these the differences to the pixel before, whatever the
 * file's byte order.
 *
 * @param bytes rows of samples, which are changed
 * @param size of a sample: 2, 3, 4 or 8 bytes
 * @returns the samples, little-endian
 */
export function undoFloatPredictor(
  bytes: Uint8Array,
  size: number,
  { rowSamples, samplesPerPixel }: PredictedRows,
): Uint8Array {
  const out = new Uint8Array(bytes.length);
  const rowBytes = rowSamples * size;
  for (let row = 0; row < bytes.length; row += rowBytes) {
    const end = row + rowBytes;
    for (let k = row + samplesPerPixel; k < end; k++) {
      bytes[k] = (bytes[k] as number) + (bytes[k - samplesPerPixel] as number);
    }
    for (let byte = 0; byte < size; byte++) {
      let from = row + byte * rowSamples;
      for (let to = row + size - 1 - byte; to < end; to += size) out[to] = bytes[from++] as number;
    }
  }
  return out;
}
