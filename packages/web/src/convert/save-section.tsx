import { parseCodecRequest } from "@ozx/convert";
import { useId, useState } from "react";
import type { OpenedSource } from "../open/source-input.js";
import type { TaskOf } from "../workers/messages.js";
import { ProgressBar, TaskOutcome } from "../workers/task-status.js";
import { useTask } from "../workers/tasks.js";
import { DownloadNote } from "./download-note.js";
import { baseName, chooseFile, download, OZX_FILE, removeIfEmpty } from "./save-location.js";

/** "Save as one .ozx": saves the open source as one file, as `ozx convert` does. */
export function SaveSection({ opened: { name, source, node } }: { opened: OpenedSource }) {
  const { state, start, cancel } = useTask(source, "save");
  const [settings, setSettings] = useState<SaveSettings>({});
  const [failure, setFailure] = useState<unknown>();
  const isOld = node.hierarchy.nodes.get("/")?.zarrFormat === 2;
  const recompresses = settings.codec !== undefined;

  const save = async (): Promise<void> => {
    const suggested = `${baseName(name)}${/\.(ozx|zip)$/i.test(name) ? "-new" : ""}.ozx`;
    setFailure(undefined);
    try {
      const file = await chooseFile(suggested, OZX_FILE);
      if (file === "cancelled") return;
      const result = await start({ kind: "save", source, options: settings, to: file, name: suggested });
      if (result?.blob !== undefined) download(result.blob, suggested);
      if (result === undefined && file !== undefined) await removeIfEmpty(file);
    } catch (error) {
      setFailure(error);
    }
  };

  return (
    <section aria-labelledby="save-title">
      <h2 id="save-title">Save as one .ozx</h2>
      <p className="soft">
        {isOld
          ? `OME-Zarr 0.4 becomes 0.5: its metadata is rewritten, and its chunks are ${recompresses ? "recompressed" : "copied byte for byte"}.`
          : `A conforming archive with the same metadata, its chunks ${recompresses ? "recompressed" : "copied byte for byte"}.`}
      </p>
      <DownloadNote />
      <SaveChoices settings={settings} onChange={setSettings} />
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

type SaveSettings = TaskOf<"save">["options"];

interface SaveChoicesProps {
  readonly settings: SaveSettings;
  onChange(settings: SaveSettings): void;
}

/** What the `.ozx` shall have other than the source: shards, lower-resolution levels, a codec. */
function SaveChoices({ settings, onChange }: SaveChoicesProps) {
  const [shards, levels, codec] = [useId(), useId(), useId()];
  return (
    <>
      <div className="choice">
        <input
          id={shards}
          type="checkbox"
          checked={settings.shard !== undefined}
          onChange={({ target }) => onChange({ ...settings, shard: target.checked ? "auto" : undefined })}
        />
        <label htmlFor={shards}>
          Combine chunks into shards
          <small className="soft">fewer, larger entries, which open faster from a server</small>
        </label>
      </div>
      <div className="choice">
        <input
          id={levels}
          type="checkbox"
          checked={settings.pyramid === true}
          onChange={({ target }) => onChange({ ...settings, pyramid: target.checked })}
        />
        <label htmlFor={levels}>
          Add lower-resolution levels
          <small className="soft">
            where they are missing, so that a large image shows as a whole quickly
          </small>
        </label>
      </div>
      <div className="choice">
        <label htmlFor={codec}>Compress with</label>
        <select
          id={codec}
          defaultValue=""
          onChange={({ target: { value } }) =>
            onChange({ ...settings, codec: value === "" ? undefined : parseCodecRequest(value) })
          }
        >
          <option value="">the codec of the source</option>
          <option value="zstd">zstd</option>
          <option value="gzip">gzip</option>
        </select>
      </div>
    </>
  );
}
