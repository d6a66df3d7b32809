/** Rows of samples whose differences are added up. */
export interface PredictedRows {
  /** Samples of a row, of all channels. */
  readonly rowSamples: number;
  /** Samples of a pixel: each is the difference to that of the pixel before. */
  readonly samplesPerPixel: number;
}

/**
 * Undoes horizontal differencing (Predictor 2; TIFF 6.0, section 14), in place. Floats are added up as integers, as
 * libtiff and imagecodecs do.
 *
 * @param bytes rows of samples in the byte order of this machine, aligned to their size
 * @param size of a sample: 1, 2, 4 or 8 bytes
 */
export function undoHorizontalPredictor(bytes: Uint8Array, size: number, rows: PredictedRows): void {
  const { buffer, byteOffset, byteLength } = bytes;
  if (size === 1) addUp(bytes, rows);
  else if (size === 2) addUp(new Uint16Array(buffer, byteOffset, byteLength >> 1), rows);
  else if (size === 4) addUp(new Int32Array(buffer, byteOffset, byteLength >> 2), rows);
  else addUp64(new BigUint64Array(buffer, byteOffset, byteLength >> 3), rows);
}

function addUp(
  values: Uint8Array | Uint16Array | Int32Array,
  { rowSamples, samplesPerPixel }: PredictedRows,
): void {
  for (let row = 0; row < values.length; row += rowSamples) {
    const end = row + rowSamples;
    if (samplesPerPixel === 1) {
      let sum = 0;
      for (let k = row; k < end; k++) {
        sum = (sum + (values[k] as number)) | 0;
        values[k] = sum;
      }
    } else {
      for (let k = row + samplesPerPixel; k < end; k++) {
        values[k] = (values[k] as number) + (values[k - samplesPerPixel] as number);
      }
    }
  }
}

function addUp64(values: BigUint64Array, { rowSamples, samplesPerPixel }: PredictedRows): void {
  for (let row = 0; row < values.length; row += rowSamples) {
    for (let k = row + samplesPerPixel; k < row + rowSamples; k++) {
      values[k] = (values[k] as bigint) + (values[k - samplesPerPixel] as bigint);
    }
  }
}
