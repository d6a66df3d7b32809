import { type ChangeEvent, type FormEvent, useRef, useState } from "react";
import {
  fileSource,
  filesSources,
  folderSource,
  listedFolderSource,
  type SourceInput,
  urlSource,
} from "./source-input.js";

interface ChooseButtonsProps {
  /** Shows neither button as the primary action. */
  readonly plain?: boolean;
  /** Called with one source, or with several to choose from. */
  onChoose(sources: readonly SourceInput[]): void;
}

/** Buttons to open a file and a folder. */
export function ChooseButtons({ onChoose, plain }: ChooseButtonsProps) {
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const chosen = (read: (files: FileList) => readonly SourceInput[]) => {
    return ({ target }: ChangeEvent<HTMLInputElement>) => {
      const sources = target.files === null ? [] : read(target.files);
      if (sources.length > 0) onChoose(sources);
      // Without this, choosing the same file again fires no event.
      target.value = "";
    };
  };

  // Preferred where it exists, for the handles, by which a file can be opened again after a reload.
  const chooseFile = async (): Promise<void> => {
    if (window.showOpenFilePicker === undefined) return file.current?.click();
    const handles = await window.showOpenFilePicker({ id: "ozx", multiple: true }).catch(() => []);
    const [only, second] = handles;
    if (only === undefined) return;
    const files = await Promise.all(handles.map((handle) => handle.getFile()));
    const [first] = files;
    onChoose(second === undefined && first !== undefined ? [fileSource(first, only)] : filesSources(files));
  };

  // Preferred where it exists: the dialog of `<input webkitdirectory>` asks about an "upload".
  const chooseFolder = async (): Promise<void> => {
    if (window.showDirectoryPicker === undefined) return folder.current?.click();
    const handle = await window.showDirectoryPicker({ id: "ozx" }).catch(() => undefined);
    if (handle !== undefined) onChoose([folderSource(handle)]);
  };

  return (
    <div className="choose">
      <button type="button" className={plain ? "" : "primary"} onClick={() => void chooseFile()}>
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
        multiple
        onChange={chosen(filesSources)}
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

/** A form to open an address. */
export function UrlForm({ onOpen, initial = "" }: { onOpen(source: SourceInput): void; initial?: string }) {
  const [url, setUrl] = useState(initial);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const trimmed = url.trim();
    if (trimmed !== "") onOpen(urlSource(trimmed));
  };
  return (
    <form className="url-form" onSubmit={submit}>
      <label htmlFor="source-url">Or from a server</label>
      <div>
        <input
          id="source-url"
          type="url"
          required
          pattern="(https?|s3)://.+"
          title="An address that starts with https:// or s3://"
          placeholder="https://example.org/image.ozx"
          autoComplete="url"
          spellCheck={false}
          value={url}
          onChange={({ target }) => setUrl(target.value)}
        />
        <button type="submit">Open</button>
      </div>
    </form>
  );
}
