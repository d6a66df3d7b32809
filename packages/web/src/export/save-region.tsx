import { type ReactNode, useState } from "react";
import { baseName, chooseFile, download, type FileKind, removeIfEmpty } from "../convert/save-location.js";
import type { SourceInput } from "../open/source-input.js";
import type { TaskOf, TaskResults } from "../workers/messages.js";
import { ProgressBar } from "../workers/task-status.js";
import { type TaskState, useTask } from "../workers/tasks.js";
import type { AxisRange } from "./region.js";

/** A part of an image that is saved as a file of its own. */
export interface RegionToSave {
  readonly source: SourceInput;
  /** The path of the image. */
  readonly image: string;
  readonly ranges: readonly AxisRange[];
  /** What the name of the file says of it. */
  readonly part: string;
}

interface SaveRegionProps<Kind extends "save" | "tiff"> {
  readonly region: RegionToSave;
  readonly kind: Kind;
  readonly file: FileKind;
  /** Of the file's name. */
  readonly extension: string;
  taskFor(to: FileSystemFileHandle | undefined, name: string): TaskOf<Kind>;
  outcome(state: TaskState<TaskResults[Kind]>, failure: unknown): ReactNode;
}

/** A button that saves a region, its progress, and how that ended. */
export function SaveRegion<Kind extends "save" | "tiff">(props: SaveRegionProps<Kind>) {
  const { region, kind, file: fileKind, extension, taskFor, outcome } = props;
  const { state, start, cancel } = useTask(region.source, kind);
  // The task may be one that the section "Convert" has started.
  const [isOwn, setIsOwn] = useState(false);
  const [failure, setFailure] = useState<unknown>();

  const save = async (): Promise<void> => {
    const suggested = `${baseName(region.source.name)}-${region.part}${extension}`;
    setFailure(undefined);
    try {
      const file = await chooseFile(suggested, fileKind);
      if (file === "cancelled") return;
      setIsOwn(true);
      const result = await start(taskFor(file, suggested));
      if (result?.blob !== undefined) download(result.blob, suggested);
      if (result === undefined && file !== undefined) await removeIfEmpty(file);
    } catch (error) {
      setFailure(error);
    }
  };

  return (
    <>
      {state.status === "running" ? (
        <ProgressBar verb="Saving" progress={state.progress} since={state.since} onCancel={cancel} />
      ) : (
        <button type="button" className="primary" onClick={() => void save()}>
          Save as {extension} …
        </button>
      )}
      {isOwn && outcome(state, failure)}
    </>
  );
}
