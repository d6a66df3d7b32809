import { ChooseButtons } from "./choose-buttons.js";
import type { SourceInput } from "./opened-source.js";
import { UrlForm } from "./url-form.js";
import "./welcome.css";

/** The page before anything is open: what it does, the ways in, and the promise. */
export function Welcome({ onOpen }: { onOpen(source: SourceInput): void }) {
  return (
    <main className="welcome">
      <h1>Drop an OME-Zarr image here</h1>
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

export function LockIcon() {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path
        d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3.5 7h9v6.5h-9z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
      />
    </svg>
  );
}
