import { formatBytes, formatSeconds, plural } from "@ozx/core/internal";
import { useState } from "react";
import { TIFF_FILE } from "../convert/save-location.js";
import { TaskEnd } from "../workers/task-status.js";
import { type RegionToSave, SaveRegion } from "./save-region.js";

/** Saves a part of an image as OME-TIFF. */
export function TiffRegion(region: RegionToSave) {
  const [deflated, setDeflated] = useState(true);
  const { source, image } = region;
  const ranges = Object.fromEntries(
    region.ranges.map(({ axis, start, stop }) => [axis, [start, stop]] as const),
  );
  return (
    <>
      <label className="export-check">
        <input type="checkbox" checked={deflated} onChange={({ target }) => setDeflated(target.checked)} />
        Compress with deflate
      </label>
      <SaveRegion
        {...{ region, kind: "tiff", file: TIFF_FILE, extension: ".ome.tif" }}
        taskFor={(to, name) => ({ kind: "tiff", source, image, ranges, deflated, to, name })}
        outcome={(state, failure) => (
          <TaskEnd state={state} failure={failure}>
            {({ name, big, planes, bytes, hasOmeXml }, seconds) => (
              <>
                <p>
                  <strong>Saved {name}</strong>: {big ? "OME-TIFF (BigTIFF)" : "OME-TIFF"},{" "}
                  {plural(planes, "plane")}, {formatBytes(bytes)}, {formatSeconds(seconds)}.
                </p>
                {!hasOmeXml && (
                  <p className="soft">
                    OME-XML has no integers of 64 bits, so the file has the axes as tifffile writes them, and
                    neither the sizes of pixels nor the names of channels.
                  </p>
                )}
              </>
            )}
          </TaskEnd>
        )}
      />
    </>
  );
}
