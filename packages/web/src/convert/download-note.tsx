import { canChooseFile } from "./save-location.js";

/** Says where a file goes in a browser that does not let pages ask; nothing in others. */
export function DownloadNote() {
  if (canChooseFile()) return null;
  return (
    <p className="soft">
      This browser does not let pages ask where to save a file: it goes to the folder for downloads.
    </p>
  );
}
