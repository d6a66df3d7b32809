import type { OpenNode, OpenWell, Plate } from "@ozx/core";
import { plural } from "@ozx/core/internal";
import { useMemo } from "react";
import { createThumbnails, Thumbnail } from "./thumbnails.js";
import "./plate.css";

interface PlateGridProps {
  readonly node: OpenNode;
  readonly model: Plate;
  onWell(well: OpenWell): void;
}

/** A plate as a table of rows and columns, with the first field of every well. */
export function PlateGrid({ node, model, onWell }: PlateGridProps) {
  const thumbnails = useMemo(createThumbnails, []);
  const wells = new Map(node.wells.map((well) => [`${well.model.row}/${well.model.column}`, well]));
  const fields = model.fieldCount;
  return (
    <div className="plate">
      <header>
        <h1>{model.name ?? "Plate"}</h1>
        <p>
          {wells.size} of {model.rows.length * model.columns.length} wells
          {fields !== undefined && `, ${fields === 1 ? "one field" : `up to ${fields} fields`} each`}. Choose
          one to see its fields.
        </p>
      </header>
      <div className="plate-scroll">
        <table style={{ "--columns": model.columns.length }}>
          <thead>
            <tr>
              <td />
              {model.columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {model.rows.map((name, row) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {model.columns.map((column, index) => {
                  const well = wells.get(`${row}/${index}`);
                  const [first] = well?.images ?? [];
                  return (
                    <td key={column}>
                      {well === undefined || first === undefined ? (
                        <span className="no-well" />
                      ) : (
                        <button
                          type="button"
                          className="well"
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
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
