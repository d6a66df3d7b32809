import { useState } from "react";
import { OZX_FILE } from "../convert/save-location.js";
import { TaskOutcome } from "../workers/task-status.js";
import { selectionOf } from "./region.js";
import { type RegionToSave, SaveRegion } from "./save-region.js";

/** Saves a part of an image as an `.ozx`. */
export function OzxRegion(region: RegionToSave) {
  const [hasLevels, setHasLevels] = useState(true);
  const { source, image, ranges } = region;
  return (
    <>
      <label className="export-check">
        <input type="checkbox" checked={hasLevels} onChange={({ target }) => setHasLevels(target.checked)} />
        Add lower-resolution levels
      </label>
      <SaveRegion
        {...{ region, kind: "save", file: OZX_FILE, extension: ".ozx" }}
        taskFor={(to, name) => {
          const selection = selectionOf(image, ranges);
          return { kind: "save", source, options: { pyramid: hasLevels }, selection, to, name };
        }}
        outcome={(state, failure) => <TaskOutcome {...{ state, failure, done: "Saved" }} />}
      />
    </>
  );
}
