import { type ChangeEvent, useRef } from "react";
import { fileSource, folderSource, listedFolderSource } from "./dropped.js";
import type { SourceInput } from "./opened-source.js";

/** The obvious buttons: a file, and a folder. */
export function ChooseButtons({ onChoose, plain }: { onChoose(source: SourceInput): void; plain?: boolean }) {
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const chosen = (read: (files: FileList) => SourceInput | undefined) => {
    return ({ target }: ChangeEvent<HTMLInputElement>) => {
      const source = target.files === null ? undefined : read(target.files);
      if (source !== undefined) onChoose(source);
      // The same file may be chosen again.
      target.value = "";
    };
  };

  /** The picker of handles asks nothing of an upload, which the other one's dialog does. */
  const chooseFolder = async (): Promise<void> => {
    if (window.showDirectoryPicker === undefined) return folder.current?.click();
    const handle = await window.showDirectoryPicker({ id: "ozx" }).catch(() => undefined);
    if (handle !== undefined) onChoose(folderSource(handle));
  };

  return (
    <div className="choose">
      <button type="button" className={plain ? "" : "primary"} onClick={() => file.current?.click()}>
        Open a file
      </button>
      <button type="button" onClick={() => void chooseFolder()}>
        Open a folder
      </button>
      <input
        ref={file}
        type="file"
        hidden
        data-testid="file-input"
        onChange={chosen(([first]) => first && fileSource(first))}
      />
      <input
        ref={folder}
        type="file"
        hidden
        webkitdirectory=""
        data-testid="folder-input"
        onChange={chosen(listedFolderSource)}
      />
    </div>
  );
}
