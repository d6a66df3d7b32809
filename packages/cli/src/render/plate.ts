import { formatCount, formatNames, type PlateReport, plural } from "@ozx/core";
import { type Field, renderTable } from "./table.js";
import { printable } from "./wrap.js";

/** The lines about a plate: how many wells and fields, and which well has how many. */
export function plateFields(plate: PlateReport, images: number): Field[] {
  const { rows, columns, wells, acquisitions } = plate;
  const places = rows.length * columns.length;
  const unreadable = wells.filter(({ fields }) => fields === null).length;
  const fields: Field[] = [
    [
      "Wells",
      `${formatCount(wells.length)} of ${formatCount(places)}, rows ${formatNames(rows)}, columns ${formatNames(columns)}${unreadable > 0 ? `; ${formatCount(unreadable)} cannot be read` : ""}`,
    ],
    ["Fields", describeFields(plate, images)],
  ];
  if (acquisitions.length > 0) {
    fields.push(["Acquisitions", renderTable(acquisitions.map((one) => acquisitionRow(one, plate)))]);
  }
  return fields;
}

function describeFields({ wells }: PlateReport, total: number): string {
  let [least, most] = [total, 0];
  for (const { fields } of wells) {
    if (fields === null) continue;
    least = Math.min(least, fields.length);
    most = Math.max(most, fields.length);
  }
  if (total === 0) return "none";
  return `${formatCount(total)}, ${least === most ? least : `${least} to ${most}`} in each well`;
}

/** Far more than 1536; the grid of a plate that claims to be larger would tell nobody anything. */
const MOST_PLACES = 10_000;

/**
 * The plate from above with the number of fields in each well; `·` where there is no well, `?` where its metadata
 * cannot be read. Where that is too wide, each well has one character, and more than nine fields are a `+`.
 */
export function plateGrid({ rows, columns, wells }: PlateReport, width: number): string[] {
  const places = rows.length * columns.length;
  if (places === 0 || places > MOST_PLACES) return [];
  const cells = rows.map(() => columns.map(() => "·"));
  for (const { row, column, fields } of wells) {
    const line = cells[row];
    if (line?.[column] !== undefined) line[column] = fields === null ? "?" : String(fields.length);
  }
  const margin = longest(rows);
  const draw = (name: string, texts: readonly string[], cell: number): string =>
    printable(`${name.padStart(margin)} ${texts.map((text) => text.padStart(cell)).join("")}`).trimEnd();
  const digits = longest(columns);
  const wide = Math.max(digits, longest(cells.flat())) + 1;
  if (margin + 1 + columns.length * wide <= width) {
    return [draw("", columns, wide), ...rows.map((name, row) => draw(name, cells[row] ?? [], wide))];
  }
  const narrow = (text: string): string => (text.length > 1 ? "+" : text);
  const headings = columns.map((name) => name.padStart(digits));
  return [
    ...Array.from({ length: digits }, (_, digit) =>
      draw(
        "",
        headings.map((name) => name.charAt(digit)),
        1,
      ),
    ),
    ...rows.map((name, row) => draw(name, (cells[row] ?? []).map(narrow), 1)),
  ];
}

function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}

function acquisitionRow(acquisition: PlateReport["acquisitions"][number], { wells }: PlateReport): string[] {
  const { id, name, description, startTime } = acquisition;
  const fields = wells
    .flatMap((well) => well.fields ?? [])
    .filter((field) => field.acquisition === id).length;
  return [
    String(id),
    name ?? "",
    plural(fields, "field"),
    startTime === null ? "" : formatTime(startTime),
    description ?? "",
  ];
}

/** Seconds since 1970 or, where that would be after the year 5138, milliseconds: the specification leaves it open. */
function formatTime(epoch: number): string {
  const date = new Date(epoch < 1e11 ? epoch * 1000 : epoch);
  return Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
