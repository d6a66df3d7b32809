import { useId, useState } from "react";
import type { OpenedSource } from "../open/opened-source.js";
import { ProgressBar } from "../work/progress-bar.js";
import { useTask } from "../work/use-task.js";
import { chooseFile, download, removeIfEmpty } from "./choose-place.js";
import { baseName } from "./names.js";
import { Outcome } from "./outcome.js";

/** "Save as .ozx": one file of whatever is open, as `ozx convert` writes it. */
export function SaveSection({ opened: { name, source, node } }: { opened: OpenedSource }) {
  const { state, start, cancel } = useTask(source, "save");
  const [sharded, setSharded] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const shards = useId();
  const isOld = node.hierarchy.nodes.get("/")?.zarrFormat === 2;

  const save = async (): Promise<void> => {
    const suggested = `${baseName(name)}${source.kind === "folder" ? "" : "-new"}.ozx`;
    setFailure(undefined);
    try {
      const place = await chooseFile(suggested);
      if (place === "cancelled") return;
      const shard = sharded ? "auto" : undefined;
      const result = await start({ kind: "save", source, shard, to: place, name: suggested });
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
          ? "OME-Zarr 0.4 becomes 0.5: its metadata is rewritten, its pixels are copied byte for byte."
          : "A conforming archive of the same metadata and pixels, byte for byte."}
      </p>
      <div className="choice">
        <input
          id={shards}
          type="checkbox"
          checked={sharded}
          onChange={({ target }) => setSharded(target.checked)}
        />
        <label htmlFor={shards}>
          Put many chunks into one entry (shards)
          <small className="soft">fewer and larger entries, which open faster from servers</small>
        </label>
      </div>
      {state.status === "running" ? (
        <ProgressBar verb="Saving" progress={state.progress} since={state.since} onCancel={cancel} />
      ) : (
        <button type="button" className="primary" onClick={() => void save()}>
          Save as .ozx …
        </button>
      )}
      <Outcome state={state} failure={failure} done="Saved" />
    </section>
  );
}
