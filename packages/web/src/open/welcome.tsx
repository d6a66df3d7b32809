import { LockIcon } from "../parts/icon.js";
import { ChooseButtons } from "./choose-buttons.js";
import type { SourceInput } from "./opened-source.js";
import { UrlForm } from "./url-form.js";
import "./welcome.css";

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
