import type { OpenedSource } from "../open/source-input.js";
import { SaveSection } from "./save-section.js";
import "../open/section-page.css";
import "./convert.css";
import { useState } from "react";
import { ProgressBar, TaskOutcome } from "../workers/task-status.js";
import { useTask } from "../workers/tasks.js";
import { baseName, canChooseFolder, chooseFolder } from "./save-location.js";

/** Writes what is open to another place: into one file, or into a folder of files. */
export function ConvertTab({ opened }: { opened: OpenedSource }) {
  return (
    <div className="section-page convert">
      <SaveSection opened={opened} />
      <ExtractSection opened={opened} />
    </div>
  );
}

/** "Extract": a new folder with a file for each entry. */
export function ExtractSection({ opened: { name, source, store } }: { opened: OpenedSource }) {
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
            A new folder <code>{folder}</code> in one that you choose, with a file for each entry.
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
          This browser lets no page write folders; Chrome and Edge do. An .ozx is a zip, which any program for
          zips unpacks, and so does{" "}
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
