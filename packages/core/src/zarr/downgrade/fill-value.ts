import { floatOfHalf } from "../half-float.js";

/** The Zarr v2 fill value of a v3 one: the same, but for floats that v3 lets be written as their bits. */
export function downgradeFillValue(value: unknown, dataType: string): unknown {
  if (Array.isArray(value)) return value.map((part: unknown) => downgradeFillValue(part, partOf(dataType)));
  if (typeof value !== "string" || !dataType.startsWith("float") || !/^0x[0-9a-f]+$/i.test(value))
    return value;
  const number = floatOfBits(BigInt(value), dataType);
  if (Number.isNaN(number)) return "NaN";
  if (number === Infinity) return "Infinity";
  return number === -Infinity ? "-Infinity" : number;
}

function partOf(dataType: string): string {
  return dataType === "complex64" ? "float32" : "float64";
}

/** IEEE 754, "interchange formats". */
function floatOfBits(bits: bigint, dataType: string): number {
  const view = new DataView(new ArrayBuffer(8));
  if (dataType === "float64") {
    view.setBigUint64(0, BigInt.asUintN(64, bits));
    return view.getFloat64(0);
  }
  if (dataType === "float32") {
    view.setUint32(0, Number(BigInt.asUintN(32, bits)));
    return view.getFloat32(0);
  }
  return floatOfHalf(Number(BigInt.asUintN(16, bits)));
}
