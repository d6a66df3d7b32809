/** Pixels in memory, one element each. A `bool` is 0 or 1 in a `Uint8Array`. */
export type PixelValues =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Pixels in C order: those along the last axis are adjacent. */
export interface PixelBlock<Values extends PixelValues = PixelValues> {
  readonly data: Values;
  /** Pixels along each axis. */
  readonly shape: readonly number[];
}

/** The part of the result of `OpenLevel.read` that {@link toPixelBlock} uses. */
export interface StridedPixels {
  readonly data: ArrayLike<unknown> | { readonly buffer: ArrayBufferLike };
  readonly shape: readonly number[];
  /** Elements from one position to the next along each axis. */
  readonly stride: readonly number[];
}

/**
 * Converts pixels as they were read to C order and to numeric elements. Nothing is copied where they are so already.
 *
 * @throws TypeError for strings and other elements that are not pixels
 */
export function toPixelBlock({ data, shape, stride }: StridedPixels): PixelBlock {
  const values = asPixelValues(data);
  let dense = 1;
  let inOrder = true;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const extent = shape[axis] ?? 1;
    if (extent > 1 && stride[axis] !== dense) inOrder = false;
    dense *= extent;
  }
  if (inOrder) return { data: values.length === dense ? values : values.subarray(0, dense), shape };
  const ordered = emptyLike(values, dense);
  let at = 0;
  const copy = (axis: number, from: number): void => {
    if (axis === shape.length) ordered[at++] = values[from] ?? 0;
    else for (let i = 0; i < (shape[axis] ?? 0); i++) copy(axis + 1, from + i * (stride[axis] ?? 0));
  };
  copy(0, 0);
  return { data: ordered, shape };
}

/** The bytes of pixels, in the machine's byte order and without a copy. */
export function bytesOfPixels({ buffer, byteOffset, byteLength }: PixelValues): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Pixels from their bytes, without a copy where the bytes are aligned.
 *
 * @param name of the typed array, as its `Symbol.toStringTag`, since not every engine has Float16Array
 * @throws TypeError where the engine does not have that typed array
 */
export function pixelsOfBytes(name: string, bytes: Uint8Array): PixelValues {
  const Pixels = (globalThis as unknown as Readonly<Record<string, PixelConstructor>>)[name];
  if (Pixels === undefined) throw new TypeError(`${name} is not supported by this JavaScript engine`);
  const { buffer, byteOffset, byteLength } =
    bytes.byteOffset % Pixels.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new Pixels(buffer, byteOffset, byteLength / Pixels.BYTES_PER_ELEMENT);
}

interface PixelConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): PixelValues;
}

/** What the elements of each data type are in memory: float16 is read as float32. */
const TYPES = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/**
 * Pixels by the Zarr v3 name of their data type: of zero, or in some memory; undefined for types that are not of pixels.
 */
export function pixelsOfType(
  dtype: string,
  length: number,
  allocate: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): PixelValues | undefined {
  if (!Object.hasOwn(TYPES, dtype)) return undefined;
  const Pixels: PixelConstructor = TYPES[dtype as keyof typeof TYPES] as PixelConstructor;
  return new Pixels(allocate(length * Pixels.BYTES_PER_ELEMENT), 0, length);
}

/** An array of zeros of the same type. */
export function emptyLike<Values extends PixelValues>(values: Values, length: number): Values {
  return new (values.constructor as new (length: number) => Values)(length);
}

/** Sets all pixels to a value, which is a bigint for integers of 64 bits. */
export function fillPixels(values: PixelValues, value: number | bigint): void {
  if (isBigInts(values)) values.fill(BigInt(value));
  else values.fill(Number(value));
}

/** Whether all pixels have a value. NaN equals NaN, and -0 differs from 0. */
export function isFilledWith(values: PixelValues, value: number | bigint): boolean {
  if (values.length === 0) return true;
  const sample = emptyLike(values, 1);
  fillPixels(sample, value);
  if (bytesOfPixels(sample).every((byte) => byte === 0))
    return bytesOfPixels(values).every((byte) => byte === 0);
  const [filled] = sample;
  for (let k = 0; k < values.length; k++) if (!Object.is(values[k], filled)) return false;
  return true;
}

/** Whether pixels are integers of 64 bits. */
export function isBigInts(values: PixelValues): values is BigInt64Array | BigUint64Array {
  return values instanceof BigInt64Array || values instanceof BigUint64Array;
}

/** Whether pixels are floats. */
export function isFloats(values: PixelValues): boolean {
  // By name, since not every engine has Float16Array.
  return values[Symbol.toStringTag].startsWith("Float");
}

function asPixelValues(data: StridedPixels["data"]): PixelValues {
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) return data as PixelValues;
  if (isBooleans(data)) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  throw new TypeError("these elements are not pixels: only numbers and booleans are");
}

/** zarrita stores booleans as bytes in a class of its own. */
function isBooleans(data: object): data is { buffer: ArrayBufferLike; byteOffset: number; length: number } {
  const { buffer, get } = data as { buffer?: unknown; get?: (index: number) => unknown };
  // It may also be in memory that threads share.
  return typeof buffer === "object" && typeof get?.call(data, 0) === "boolean";
}
