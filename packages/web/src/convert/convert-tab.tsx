import { useState } from "react";
import type { OpenedSource } from "../open/source-input.js";
import { ProgressBar, TaskOutcome } from "../workers/task-status.js";
import { useTask } from "../workers/tasks.js";
import { baseName, canChooseFolder, chooseFolder } from "./save-location.js";
import { SaveSection } from "./save-section.js";
import "../open/section-page.css";
import "./convert.css";

/** Saves the open source as one file, or extracts it to a folder. */
export function ConvertTab({ opened }: { opened: OpenedSource }) {
  return (
    <div className="section-page convert">
      <SaveSection opened={opened} />
      <ExtractSection opened={opened} />
    </div>
  );
}

/** "Extract to a folder": creates a folder with one file per entry. Not shown for a folder. */
function ExtractSection({ opened: { name, source, store } }: { opened: OpenedSource }) {
  const { state, start, cancel } = useTask(source, "extract");
  const [failure, setFailure] = useState<unknown>();
  if (store.format === "directory") return null;
  const folder = `${baseName(name)}.zarr`;

  const extract = async (): Promise<void> => {
    setFailure(undefined);
    try {
      const into = await chooseFolder();
      if (into !== undefined) await start({ kind: "extract", source, into, name: folder });
    } catch (error) {
      setFailure(error);
    }
  };

  return (
    <section aria-labelledby="extract-title">
      <h2 id="extract-title">Extract to a folder</h2>
      {canChooseFolder() ? (
        <>
          <p className="soft">
            Creates a new folder <code>{folder}</code> in the folder you choose, with one file per entry.
          </p>
          {state.status === "running" ? (
            <ProgressBar verb="Extracting" progress={state.progress} since={state.since} onCancel={cancel} />
          ) : (
            <button type="button" onClick={() => void extract()}>
              Extract …
            </button>
          )}
        </>
      ) : (
        <p className="soft">
          This browser does not let pages write folders; Chrome and Edge do. Any unzip program can extract an
          .ozx, and so can{" "}
          <code>
            ozx convert {name} {folder}
          </code>
          .
        </p>
      )}
      <TaskOutcome state={state} failure={failure} done="Extracted to" />
    </section>
  );
}
