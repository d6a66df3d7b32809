import { LockIcon } from "./icon.js";
import type { FailedSource, SourceInput } from "./source-input.js";
import { ChooseButtons, UrlForm } from "./ways-in.js";
import "./welcome.css";
import { explainError } from "./explain-error.js";

/** The page before anything is open: what it does, the ways in, and the promise. */
export function Welcome({ onOpen }: { onOpen(source: SourceInput): void }) {
  return (
    <main className="welcome">
      <h1>
        Drop an <span className="one-word">OME-Zarr</span> image here
      </h1>
      <p>
        An <code>.ozx</code> file, a zip of one, or a folder: see the image, what is in the archive, and
        whether it follows the specifications.
      </p>
      <ChooseButtons onChoose={onOpen} />
      <p className="promise">
        <LockIcon /> Your file stays on this computer. The page reads it here; nothing is uploaded.
      </p>
      <UrlForm onOpen={onOpen} />
    </main>
  );
}

/** A source that could not be opened: why, and what to do now. */
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
