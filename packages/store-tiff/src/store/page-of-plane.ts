import type { ReadOptions } from "@ozx/core";
import type { PlaneRef } from "../layouts/layout.js";
import type { Page } from "../parse/page.js";
import { TAG } from "../parse/tags.js";
import type { TiffFile } from "../read/tiff-file.js";

/** The page that a plane is; undefined where it is a lower resolution that its page lacks. */
export async function pageOfPlane(
  { file, ifd, sub, page }: PlaneRef,
  options?: ReadOptions,
): Promise<Page | undefined> {
  const main = page ?? (await file.page(ifd, options));
  return sub === undefined ? main : subPage(file, main, sub, options);
}

/** One of the lower resolutions that a page lists; undefined where it has none. */
async function subPage(
  file: TiffFile,
  { ifd }: Page,
  sub: number,
  options?: ReadOptions,
): Promise<Page | undefined> {
  const offset = (await file.numbers(ifd, TAG.SubIFDs, options))?.[sub];
  // Writers leave 0 where a plane lacks a level.
  return offset === undefined || offset < 8 ? undefined : file.page(offset, options);
}
