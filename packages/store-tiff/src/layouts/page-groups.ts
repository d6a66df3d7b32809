import type { Finding, ReadOptions } from "@ozx/core";
import { notice } from "@ozx/virtual";
import { dataTypeOf, type Page } from "../parse/page.js";
import type { PageTable } from "../read/page-table.js";
import type { TiffFile } from "../read/tiff-file.js";
import type { ImageLevel } from "./layout.js";
import { pagePlanes } from "./planes.js";

/** Pages that make up one image, or a level of one. */
export interface PageGroup {
  readonly level: ImageLevel;
  readonly count: number;
}

/** The bit of NewSubfileType for a mask. */
const MASK = 4;

/** The pages of a file by size and type, in the order in which the first of each comes. */
export async function groupPages(
  file: TiffFile,
  table: PageTable,
  findings: Finding[],
  options?: ReadOptions,
): Promise<PageGroup[]> {
  const pages = await Promise.all(
    table.firstOfKind.map((number) => file.page(table.offsets[number] as number, options)),
  );
  /** For each kind the group that it belongs to. */
  const groupOfKind = new Int32Array(pages.length).fill(-1);
  const members: { page: Page; kinds: number; count: number }[] = [];
  for (const [kind, page] of pages.entries()) {
    if (Math.floor(page.subfileType / MASK) % 2 === 1) {
      findings.push(
        notice("mask-page", `A mask in ${file.name} is left out.`, "Convert it on its own if you need it."),
      );
      continue;
    }
    const found = members.findIndex((member) => isAlike(member.page, page));
    groupOfKind[kind] = found < 0 ? members.length : found;
    const member = members[found];
    if (member === undefined) members.push({ page, kinds: 1, count: 0 });
    else member.kinds++;
  }
  for (let k = 0; k < table.count; k++) {
    const member = members[groupOfKind[table.kinds[k] as number] as number];
    if (member !== undefined) member.count++;
  }
  const numbers = members.map(({ count }) => new Int32Array(count));
  const filled = new Int32Array(members.length);
  for (let k = 0; k < table.count; k++) {
    const group = groupOfKind[table.kinds[k] as number] as number;
    const list = numbers[group];
    if (list !== undefined) list[(filled[group] as number)++] = k;
  }
  return members.map(({ page, kinds, count }, k) => ({
    count,
    level: {
      file,
      page,
      isUniform: kinds === 1,
      planes: pagePlanes({ file, table, page, numbers: numbers[k] ?? new Int32Array(0) }),
    },
  }));
}

/** Whether two pages can be planes of one image. */
function isAlike(a: Page, b: Page): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.samples === b.samples &&
    a.planar === b.planar &&
    a.isReduced === b.isReduced &&
    dataTypeOf(a) === dataTypeOf(b) &&
    a.kind === b.kind
  );
}
