import { pixelTypeOf } from "../parse/pixel-types.js";
import type { RegionLayout } from "./region-layout.js";

type Form = Pick<RegionLayout, "kind" | "itemSize">;

/** The samples of a tile in a type that holds all their values, where an array has tiles of several types. */
export function convertSamples(pixels: Uint8Array, pixelType: number, to: Form): Uint8Array {
  const from = pixelTypeOf(pixelType);
  if (from === undefined || (from.kind === to.kind && from.itemSize === to.itemSize)) return pixels;
  const count = pixels.length / from.itemSize;
  const source = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const out = new Uint8Array(count * to.itemSize);
  const target = new DataView(out.buffer);
  const [read, write] = [readerOf(from), writerOf(to)];
  for (let k = 0; k < count; k++) write(target, k * to.itemSize, read(source, k * from.itemSize));
  return out;
}

function readerOf({ kind, itemSize }: Form): (view: DataView, at: number) => number {
  if (kind === "float")
    return itemSize === 8 ? (view, at) => view.getFloat64(at, true) : (view, at) => view.getFloat32(at, true);
  if (kind === "int") return (view, at) => view.getInt32(at, true);
  return itemSize === 1 ? (view, at) => view.getUint8(at) : (view, at) => view.getUint16(at, true);
}

function writerOf({ kind, itemSize }: Form): (view: DataView, at: number, value: number) => void {
  if (kind === "float") {
    return itemSize === 8
      ? (view, at, value) => view.setFloat64(at, value, true)
      : (view, at, value) => view.setFloat32(at, value, true);
  }
  if (kind === "int") return (view, at, value) => view.setInt32(at, value, true);
  return itemSize === 1
    ? (view, at, value) => view.setUint8(at, value)
    : (view, at, value) => view.setUint16(at, value, true);
}
