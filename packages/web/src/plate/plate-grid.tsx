import type { OpenNode, OpenWell, Plate } from "@ozx/core";
import { plural } from "@ozx/core/internal";
import { type KeyboardEvent, memo, useDeferredValue, useEffect, useMemo, useState } from "react";
import type { ViewSettings } from "../image/model/view-settings.js";
import { ComparedImages, someImages } from "./compared-images.js";
import { SCANNED, spread } from "./shared-channels.js";
import { Thumbnail, type Thumbnails } from "./thumbnails.js";
import { isNamed } from "./well-filter.js";

interface PlateGridProps {
  readonly node: OpenNode;
  readonly model: Plate;
  /** How a well was shown before. */
  readonly known: ViewSettings | undefined;
  onSettings(settings: ViewSettings): void;
  onWell(well: OpenWell): void;
}

/** Columns from which wells are as small as a mouse can point at, for the whole plate to be in view. */
const MANY_COLUMNS = 25;

/** A plate as a table of rows and columns, with the first field of every well. */
export function PlateGrid({ node, model, known, onSettings, onWell }: PlateGridProps) {
  const [filter, setFilter] = useState("");
  const shown = useDeferredValue(filter);
  const images = useMemo(() => scannedImages(node.wells), [node]);
  const rows = useMemo(() => rowsOf(node.wells, model), [node, model]);
  const columns = useMemo(() => model.columns.map((name) => String(name)), [model]);
  const count = useRowCount(rows.length, columns.length);
  if (images === undefined) return null;

  const names = { rows: model.rows.map((name) => String(name)), columns };
  const isOne = (well: OpenWell | undefined): boolean => well !== undefined && isNamed(well, shown, names);
  const found = shown === "" ? undefined : node.wells.filter(isOne).length;
  const fields = model.fieldCount;
  const text =
    found === undefined
      ? `${node.wells.length} of ${model.rows.length * model.columns.length} wells${fields === undefined ? "" : `, ${fields === 1 ? "one field" : `up to ${fields} fields`} each`}.`
      : `${found} of ${plural(node.wells.length, "well")} match.`;
  return (
    <ComparedImages
      title={model.name ?? "Plate"}
      text={text}
      tools={
        <input
          type="search"
          className="well-filter"
          aria-label="Show only some wells"
          placeholder="Wells, as in B, 3, B2-D6"
          value={filter}
          onChange={({ target }) => setFilter(target.value)}
        />
      }
      extent={columns.length < MANY_COLUMNS ? 128 : 48}
      {...{ images, known, onSettings }}
    >
      {(thumbnails) => (
        <div className="plate-scroll">
          <table
            style={{ "--columns": columns.length, "--rows": rows.length }}
            data-many={columns.length >= MANY_COLUMNS}
          >
            <thead>
              <tr>
                <td />
                {columns.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody onKeyDown={moveFocus}>
              {rows.slice(0, count).map((wells, row) => (
                <PlateRow
                  key={names.rows[row]}
                  name={names.rows[row] ?? ""}
                  named={wells.map((well) => (isOne(well) ? "1" : "0")).join("")}
                  {...{ row, wells, columns, thumbnails, onWell }}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </ComparedImages>
  );
}

/** The first fields of some wells: to open all of them at once would keep the page busy. */
function scannedImages(wells: readonly OpenWell[]): ReturnType<typeof someImages> {
  const some = someImages(spread(wells, SCANNED).flatMap(({ images }) => images.slice(0, 1)));
  return some ?? someImages(wells.flatMap(({ images }) => images.slice(0, 1)));
}

/** The wells of each row, by their columns. */
function rowsOf(wells: readonly OpenWell[], model: Plate): (OpenWell | undefined)[][] {
  const rows = model.rows.map(() => model.columns.map((): OpenWell | undefined => undefined));
  for (const well of wells) {
    const row = rows[well.model.row];
    if (row !== undefined && well.model.column < row.length) row[well.model.column] = well;
  }
  return rows;
}

/** Wells that are added at once: more would keep the page busy for longer than a frame. */
const WELLS_A_FRAME = 96;

/** How many rows to render: a few more with each frame. */
function useRowCount(rows: number, columns: number): number {
  const step = Math.max(1, Math.floor(WELLS_A_FRAME / Math.max(1, columns)));
  const [count, setCount] = useState(step);
  useEffect(() => {
    if (count >= rows) return;
    const frame = requestAnimationFrame(() => setCount(count + step));
    return () => cancelAnimationFrame(frame);
  }, [count, rows, step]);
  return count;
}

interface PlateRowProps {
  readonly name: string;
  readonly row: number;
  readonly wells: readonly (OpenWell | undefined)[];
  readonly columns: readonly string[];
  /** `1` for each column whose well the filter names, `0` for all others. */
  readonly named: string;
  readonly thumbnails: Thumbnails;
  onWell(well: OpenWell): void;
}

const PlateRow = memo(function PlateRow({
  name,
  row,
  wells,
  columns,
  named,
  thumbnails,
  onWell,
}: PlateRowProps) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {columns.map((column, at) => {
        const well = wells[at];
        const [first] = well?.images ?? [];
        return (
          <td key={column}>
            {well === undefined || first === undefined || named[at] === "0" ? (
              <span className="no-well" />
            ) : (
              <button
                type="button"
                className="well"
                data-at={`${row}/${at}`}
                aria-label={`Well ${name}${column}, ${plural(well.images.length, "field")}`}
                title={`${name}${column}`}
                onClick={() => onWell(well)}
              >
                <Thumbnail image={first} thumbnails={thumbnails} />
              </button>
            )}
          </td>
        );
      })}
    </tr>
  );
});

const STEPS: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/** Arrow keys move to the next well, past those that are missing. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  const at = (event.target as HTMLElement).dataset["at"];
  if (step === undefined || at === undefined) return;
  event.preventDefault();
  let [row = 0, column = 0] = at.split("/").map(Number);
  const { rows } = event.currentTarget.closest("table") as HTMLTableElement;
  const columns = rows[0]?.cells.length ?? 0;
  while (row >= 0 && column >= 0 && row < rows.length && column < columns) {
    row += step[0];
    column += step[1];
    const next = event.currentTarget.querySelector<HTMLElement>(`[data-at="${row}/${column}"]`);
    next?.focus();
    if (next !== null) return;
  }
}
