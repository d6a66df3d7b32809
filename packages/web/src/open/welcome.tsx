import { explainError } from "./explain-error.js";
import { LockIcon } from "./icon.js";
import type { FailedSource, SourceInput } from "./source-input.js";
import { ChooseButtons, UrlForm } from "./ways-in.js";
import "./welcome.css";

/** The start page: what the page does, how to open an image, and that nothing is uploaded. */
export function Welcome({ onOpen }: { onOpen(source: SourceInput): void }) {
  return (
    <main className="welcome">
      <h1>
        Drop an <span className="one-word">OME-Zarr</span> image here
      </h1>
      <p>
        An <code>.ozx</code> file, a zip archive, a TIFF, or a folder. See the image, the contents of the
        archive, and whether it conforms to the specifications.
      </p>
      <ChooseButtons onChoose={onOpen} />
      <p className="promise">
        <LockIcon /> Your file stays on this computer. The page reads it here; nothing is uploaded.
      </p>
      <UrlForm onOpen={onOpen} />
    </main>
  );
}

/** Why a source could not be opened, and ways to open another one. */
export function Failure({ failed, onOpen }: { failed: FailedSource; onOpen(source: SourceInput): void }) {
  const { source, error } = failed;
  const { title, message } = explainError(error);
  return (
    <main className="welcome failure">
      <div role="alert">
        <h1>{title}</h1>
        <p>{message}</p>
      </div>
      <ChooseButtons onChoose={onOpen} plain />
      {source.kind === "url" && <UrlForm onOpen={onOpen} initial={source.url} />}
    </main>
  );
}
