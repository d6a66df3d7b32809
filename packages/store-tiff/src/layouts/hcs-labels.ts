import { type PlateLayout, plateOfSites, rowIndex } from "@ozx/virtual";

/** `A1-Site_0`, as Micro-Manager's HCS Site Generator names positions. */
const LABEL = /^([A-Z]{1,2})(\d{1,3})-Site_(\d+)$/;

/**
 * The plate that the labels of positions describe.
 *
 * @param labels of all images, in their order
 * @returns undefined where one of them is no site of a well, or two are the same site
 */
export function plateOfLabels(labels: readonly (string | undefined)[]): PlateLayout | undefined {
  return plateOfSites(
    labels.map((label) => {
      const [, row = "", column, site] = LABEL.exec(label ?? "") ?? [];
      return column === undefined
        ? undefined
        : { row: rowIndex(row), column: Number(column) - 1, site: Number(site) };
    }),
  );
}
