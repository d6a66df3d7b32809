import type { Finding, ReadOptions } from "@ozx/core";
import type { TiffFile } from "../read/tiff-file.js";
import { unknownAxis } from "./findings.js";
import type { ImageLevel, Layout, TiffImage } from "./layout.js";
import { groupPages, type PageGroup } from "./page-groups.js";
import { isLowerResolution, subLevels } from "./planes.js";
import { hasSameProportions } from "./slide.js";

/**
 * Any TIFF: its pages of the same size and type are the planes of an image, along z. Pages that are marked as reduced
 * are lower resolutions of those before them, as SubIFDs are.
 */
export async function plainLayout(file: TiffFile, options?: ReadOptions): Promise<Layout> {
  const table = await file.pages(options);
  const findings: Finding[] = [];
  const groups = await groupPages(file, table, findings, options);
  const images: { group: PageGroup; levels: ImageLevel[] }[] = [];
  for (const group of groups) {
    const above = images.findLast((image) => isLevelOf(group, image));
    if (above !== undefined) above.levels.push(group.level);
    else images.push({ group, levels: [group.level] });
  }
  const stacks = images.filter(({ group }) => group.count > 1);
  if (stacks.length > 0) {
    findings.push(unknownAxis(file.name, stacks[0]?.group.count ?? 0));
  }
  return {
    title: file.header.big ? "BigTIFF" : "TIFF",
    images: await Promise.all(
      images.map(async ({ group, levels }): Promise<TiffImage> => {
        const below = levels.length > 1 ? [] : await subLevels(group.level, options);
        return { sizes: { t: 1, c: 1, z: group.count }, levels: [...levels, ...below] };
      }),
    ),
    findings,
  };
}

/** Whether a page says that it is a lower resolution, or is as writers make them that do not say so. */
function isLevelOf({ level, count }: PageGroup, image: { group: PageGroup; levels: ImageLevel[] }): boolean {
  const { page } = level;
  const full = image.group.level.page;
  const last = image.levels.at(-1)?.page ?? full;
  if (image.group.count !== count || !isLowerResolution(page, last)) return false;
  if (page.isReduced) return !full.isReduced;
  const areTiled = page.segments.tiled && full.segments.tiled && page.compression === full.compression;
  const isHalf = page.width * 1.9 <= last.width || page.height * 1.9 <= last.height;
  return (
    count === 1 && areTiled && isHalf && full.width > page.segments.width && hasSameProportions(page, full)
  );
}
