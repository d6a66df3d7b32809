import { parseCodecRequest } from "@ozx/core";
import { useId } from "react";
import type { TaskOf } from "../work/messages.js";

export type SaveOptions = TaskOf<"save">["options"];

interface SaveChoicesProps {
  readonly chosen: SaveOptions;
  onChange(options: SaveOptions): void;
}

/** How the `.ozx` is written, where it shall not be as the source is. */
export function SaveChoices({ chosen, onChange }: SaveChoicesProps) {
  const [shards, levels, codec] = [useId(), useId(), useId()];
  return (
    <>
      <div className="choice">
        <input
          id={shards}
          type="checkbox"
          checked={chosen.shard !== undefined}
          onChange={({ target }) => onChange({ ...chosen, shard: target.checked ? "auto" : undefined })}
        />
        <label htmlFor={shards}>
          Put many chunks into one entry (shards)
          <small className="soft">fewer and larger entries, which open faster from servers</small>
        </label>
      </div>
      <div className="choice">
        <input
          id={levels}
          type="checkbox"
          checked={chosen.pyramid === true}
          onChange={({ target }) => onChange({ ...chosen, pyramid: target.checked })}
        />
        <label htmlFor={levels}>
          Add smaller levels
          <small className="soft">
            those that images lack, so that a large one is seen as a whole at once
          </small>
        </label>
      </div>
      <div className="choice">
        <label htmlFor={codec}>Compress with</label>
        <select
          id={codec}
          defaultValue=""
          onChange={({ target: { value } }) =>
            onChange({ ...chosen, codec: value === "" ? undefined : parseCodecRequest(value) })
          }
        >
          <option value="">what it is compressed with</option>
          <option value="zstd">zstd</option>
          <option value="gzip">gzip</option>
        </select>
      </div>
    </>
  );
}
