import type { WellPosition } from "@ozx/convert";
import { UsageError } from "@ozx/core";

/** Parses the value of `--well`: a row and a column, as in `B/4`, and perhaps the name of a field, as in `B/4/1`. */
export function parseWell(text: string): WellPosition {
  const [, row, column, field] =
    /^\/?([A-Za-z0-9]+)\/([A-Za-z0-9]+)(?:\/([A-Za-z0-9]+))?\/?$/.exec(text) ?? [];
  if (row !== undefined && column !== undefined)
    return { row, column, ...(field !== undefined && { field }) };
  throw new UsageError(
    `--well takes a row and a column, as in B/4, and perhaps the name of a field, as in B/4/1, not ${text}`,
  );
}

/** Parses the value of `--acquisition`: the number that a plate lists. */
export function parseAcquisition(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--acquisition takes a whole number from 0 on, not ${text}`);
}
