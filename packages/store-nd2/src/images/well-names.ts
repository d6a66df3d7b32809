import { type PlateLayout, plateOfSites, rowIndex } from "@ozx/virtual";

/** `C02_0005`, as positions in wells are called, or `C2`. */
const NAME = /^([A-Z]{1,2})(\d{1,2})(?:_(\d{1,5}))?$/;

/**
 * The plate that the names of positions describe.
 *
 * @returns undefined where one of them is not that of a well, or two are the same
 */
export function plateOfNames(names: readonly (string | undefined)[]): PlateLayout | undefined {
  return plateOfSites(
    names.map((name) => {
      const [, row = "", column, site = "0"] = NAME.exec(name ?? "") ?? [];
      return column === undefined
        ? undefined
        : { row: rowIndex(row), column: Number(column) - 1, site: Number(site) };
    }),
  );
}
