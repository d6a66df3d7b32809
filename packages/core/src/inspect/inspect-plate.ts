import type { Acquisition, Plate } from "../ome/model.js";
import type { Nullable, PlateReport } from "./report.js";

/** What there is to say about a plate, beside its images. */
export function inspectPlate({ rows, columns, wells, acquisitions }: Plate): PlateReport {
  return {
    rows,
    columns,
    wells: wells.map(({ path, row, column, fields }) => ({
      path,
      row,
      column,
      fields: fields?.map((field) => ({ path: field.path, acquisition: field.acquisition ?? null })) ?? null,
    })),
    acquisitions: acquisitions.map(acquisitionReport),
  };
}

function acquisitionReport(acquisition: Acquisition): Nullable<Acquisition> {
  const { id, name, description, maximumFieldCount, startTime, endTime } = acquisition;
  return {
    id,
    name: name ?? null,
    description: description ?? null,
    maximumFieldCount: maximumFieldCount ?? null,
    startTime: startTime ?? null,
    endTime: endTime ?? null,
  };
}
