import { type ReadOptions, UnsupportedError } from "@ozx/core";
import { entryOf } from "../parse/ifd.js";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import { readText } from "../parse/values.js";
import type { TiffFile } from "../read/tiff-file.js";

/** Metadata that is looked at for the name of a program. */
const LONGEST_XMP = 64 * 1024;
/** The types of data in a file of Molecular Dynamics whose pixels are square roots, or are to be multiplied (tifffile). */
const SCALED_GELS: readonly number[] = [2, 128];

/**
 * Refuses files whose pages are pixels, but not the picture: what they would be read as is wrong, and nothing would say so.
 *
 * @param page the first one
 * @throws UnsupportedError naming the format, and the way out
 */
export async function refuseOtherPictures(
  file: TiffFile,
  { ifd }: Page,
  descriptions: readonly string[],
  options?: ReadOptions,
): Promise<void> {
  const refuse = (feature: string, why: string, wayOut = "convert it with bioformats2raw first"): never => {
    throw new UnsupportedError(`${file.name} cannot be read: it is a ${feature}, ${why}; ${wayOut}`, {
      location: file.name,
      feature,
    });
  };
  const has = (tag: number): boolean => entryOf(ifd, tag) !== undefined;
  const software = (await file.text(ifd, TAG.Software, options)) ?? "";
  const [description = ""] = descriptions;
  if (await isRoche(file, ifd, { software, description }, options))
    refuse("Roche BIF", "whose tiles overlap");
  if (software.startsWith("MedScan")) refuse("Trestle TIFF", "whose tiles overlap");
  if (has(TAG.FlexXML))
    refuse("PerkinElmer Opera Flex", "whose pixels are to be multiplied by numbers in its XML");
  if (has(TAG.DNGVersion) || has(TAG.TiffEpStandardId)) {
    const develop = "save it as TIFF with the camera's program or dcraw first";
    refuse("raw picture of a camera (DNG, NEF)", "whose first page is a preview", develop);
  }
  const [gel = 0] = (await file.numbers(ifd, TAG.MDFileTag, options)) ?? [];
  if (SCALED_GELS.includes(gel)) {
    refuse("Molecular Dynamics GEL", "whose pixels are not the measured values but are computed from them");
  }
}

/** Roche (Ventana) BIF: tiles side by side are not the picture. */
async function isRoche(
  file: TiffFile,
  ifd: Page["ifd"],
  { software, description }: { readonly software: string; readonly description: string },
  options?: ReadOptions,
): Promise<boolean> {
  const entry = entryOf(ifd, TAG.XMP);
  if (entry === undefined) return false;
  const isNamed = software.includes("Ventana") || software.startsWith("ScanOutputManager");
  if (isNamed || /^(?:Label|Probability)[ _]Image$/.test(description.trim())) return true;
  return readText(await file.firstBytes(entry, LONGEST_XMP, options)).includes("<iScan");
}
