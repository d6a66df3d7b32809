import type { Finding } from "@ozx/core";
import type { TiffFile } from "../read/tiff-file.js";
import type { ImageLevel, Layout, LayoutOptions, TiffImage } from "./layout.js";
import { groupPages, type PageGroup } from "./page-groups.js";
import { inOrder, isLowerResolution, subLevels } from "./planes.js";
import { hasSameProportions } from "./slide.js";
import { stackAxes } from "./stack-axes.js";

/**
 * Any TIFF: its pages of the same size and type are the planes of an image, along z. Pages that are marked as reduced
 * are lower resolutions of those before them, as SubIFDs are.
 */
export async function plainLayout(file: TiffFile, options?: LayoutOptions): Promise<Layout> {
  const table = await file.pages(options);
  const findings: Finding[] = [];
  const groups = await groupPages(file, table, findings, options);
  const images: { group: PageGroup; levels: ImageLevel[] }[] = [];
  for (const group of groups) {
    const above = images.findLast((image) => isLevelOf(group, image));
    if (above !== undefined) above.levels.push(group.level);
    else images.push({ group, levels: [group.level] });
  }
  return {
    title: file.header.big ? "BigTIFF" : "TIFF",
    images: await Promise.all(
      images.map(async ({ group, levels }): Promise<TiffImage> => {
        const { count } = group;
        const { sizes, order } = stackAxes({ name: file.name, count }, options?.axes, findings);
        const below = levels.length > 1 ? [] : await subLevels(group.level, options);
        const ordered = [...levels, ...below].map((level) => ({
          ...level,
          planes: inOrder(level.planes, sizes, order),
        }));
        return { sizes, levels: ordered };
      }),
    ),
    findings,
    hasOpenAxes: true,
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
