import { type AbsolutePath, UnsupportedError } from "@ozx/core";
import { buildHierarchy, type VirtualHierarchy, type VirtualImage } from "@ozx/virtual";
import type { Layout, TiffImage } from "../layouts/layout.js";
import { type ArrayPlan, planArray } from "./array-plan.js";

/**
 * Presents a layout as OME-Zarr 0.5: an image, a plate, or a bioformats2raw collection.
 *
 * @param name of the file, for errors
 * @throws UnsupportedError where pixels are of a type or compression that cannot be read
 */
export function tiffHierarchy(layout: Layout, name: string): VirtualHierarchy<ArrayPlan> {
  const { images, plate, attributes, omeXml } = layout;
  const documents = new Map<AbsolutePath, Uint8Array>();
  if (omeXml !== undefined) documents.set("/OME/METADATA.ome.xml", withoutPadding(omeXml));
  return buildHierarchy(
    { images: images.map(describeImage), plate, attributes, documents },
    ({ image, level, path }, axes) => {
      const found = images[image];
      const at = found?.levels[level];
      const plan = found && at ? planArray(at, found.sizes, axes) : "has no such level";
      if (typeof plan === "string") throw unsupported(name, path, images.length > 1, plan);
      return plan;
    },
  );
}

/** RGB and YCbCr, which decodes to RGB (PhotometricInterpretation). */
const COLOURED: readonly number[] = [2, 6];

function describeImage({ levels, ...metadata }: TiffImage): VirtualImage {
  const page = levels[0]?.page;
  return {
    ...metadata,
    levels: levels.map(({ page: { width, height } }) => ({ width, height })),
    samples: page?.samples ?? 1,
    // Samples of other kinds have no data type, which `planArray` says.
    kind: page?.kind === "float" || page?.kind === "int" ? page.kind : "uint",
    bits: page?.bits ?? 8,
    isRgb: page !== undefined && COLOURED.includes(page.photometric),
  };
}

/** Text without the NULs that end it in a TIFF. */
function withoutPadding(text: Uint8Array): Uint8Array {
  let end = text.length;
  while (end > 0 && text[end - 1] === 0) end--;
  return text.subarray(0, end);
}

function unsupported(
  name: string,
  path: AbsolutePath,
  isOneOfMany: boolean,
  feature: string,
): UnsupportedError {
  const what = isOneOfMany
    ? `${name} cannot be read: its image ${path.slice(1)}`
    : `${name} cannot be read: it`;
  return new UnsupportedError(`${what} ${feature}; save it without that from the program that wrote it`, {
    location: name,
    feature,
  });
}
