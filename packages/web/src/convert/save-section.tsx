import { useState } from "react";
import type { OpenedSource } from "../open/opened-source.js";
import { ProgressBar } from "../work/progress-bar.js";
import { useTask } from "../work/use-task.js";
import { chooseFile, download, removeIfEmpty } from "./choose-place.js";
import { baseName } from "./names.js";
import { Outcome } from "./outcome.js";
import { SaveChoices, type SaveOptions } from "./save-choices.js";

/** "Save as .ozx": one file of whatever is open, as `ozx convert` writes it. */
export function SaveSection({ opened: { name, source, node } }: { opened: OpenedSource }) {
  const { state, start, cancel } = useTask(source, "save");
  const [chosen, setChosen] = useState<SaveOptions>({});
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
      <Outcome state={state} failure={failure} done="Saved" />
    </section>
  );
}
