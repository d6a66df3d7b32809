import { type ChangeEvent, type FormEvent, useRef, useState } from "react";
import {
  filesSource,
  folderSource,
  listedFolderSource,
  type SourceInput,
  urlSource,
} from "./source-input.js";

/** Buttons to open a file and a folder. `plain` shows neither of them as the primary action. */
export function ChooseButtons({ onChoose, plain }: { onChoose(source: SourceInput): void; plain?: boolean }) {
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const chosen = (read: (files: FileList) => SourceInput | undefined) => {
    return ({ target }: ChangeEvent<HTMLInputElement>) => {
      const source = target.files === null ? undefined : read(target.files);
      if (source !== undefined) onChoose(source);
      // Without this, choosing the same file again fires no event.
      target.value = "";
    };
  };

  // Preferred where it exists: the dialog of `<input webkitdirectory>` asks about an "upload".
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
      <input ref={file} type="file" hidden data-testid="file-input" multiple onChange={chosen(filesSource)} />
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
