import { parseCodecRequest } from "@ozx/core";
import { useId, useState } from "react";
import type { OpenedSource } from "../open/source-input.js";
import type { TaskOf } from "../workers/messages.js";
import { ProgressBar, TaskOutcome } from "../workers/task-status.js";
import { useTask } from "../workers/tasks.js";
import { baseName, chooseFile, download, removeIfEmpty } from "./save-location.js";

/** "Save as .ozx": one file of whatever is open, as `ozx convert` writes it. */
export function SaveSection({ opened: { name, source, node } }: { opened: OpenedSource }) {
  const { state, start, cancel } = useTask(source, "save");
  const [chosen, setChosen] = useState<SaveSettings>({});
  const [failure, setFailure] = useState<unknown>();
  const isOld = node.hierarchy.nodes.get("/")?.zarrFormat === 2;

  const recoded = chosen.codec !== undefined;

  const save = async (): Promise<void> => {
    const suggested = `${baseName(name)}${source.kind === "folder" ? "" : "-new"}.ozx`;
    setFailure(undefined);
    try {
      const place = await chooseFile(suggested);
      if (place === "cancelled") return;
      const result = await start({ kind: "save", source, options: chosen, to: place, name: suggested });
      if (result?.blob !== undefined) download(result.blob, suggested);
      if (result === undefined && place !== undefined) await removeIfEmpty(place);
    } catch (error) {
      setFailure(error);
    }
  };

  return (
    <section aria-labelledby="save-title">
      <h2 id="save-title">Save as one .ozx</h2>
      <p className="soft">
        {isOld
          ? `OME-Zarr 0.4 becomes 0.5: its metadata is rewritten, ${recoded ? "its pixels keep their values" : "its pixels are copied byte for byte"}.`
          : `A conforming archive of the same metadata and pixels, ${recoded ? "compressed anew" : "byte for byte"}.`}
      </p>
      <SaveChoices chosen={chosen} onChange={setChosen} />
      {state.status === "running" ? (
        <ProgressBar verb="Saving" progress={state.progress} since={state.since} onCancel={cancel} />
      ) : (
        <button type="button" className="primary" onClick={() => void save()}>
          Save as .ozx …
        </button>
      )}
      <TaskOutcome state={state} failure={failure} done="Saved" />
    </section>
  );
}

export type SaveSettings = TaskOf<"save">["options"];

interface SaveChoicesProps {
  readonly chosen: SaveSettings;
  onChange(options: SaveSettings): void;
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
