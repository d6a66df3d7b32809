import { isOzxError } from "@ozx/core";
import { Choice } from "./choice.js";
import { DownloadOffer } from "./download-offer.js";
import { explainError } from "./explain-error.js";
import { LockIcon } from "./icon.js";
import { lastSource } from "./last-source.js";
import { nameInHash } from "./page-address.js";
import type { FailedSource, SourceInput } from "./source-input.js";
import { useLoaded } from "./use-loaded.js";
import { ChooseButtons, UrlForm } from "./ways-in.js";
import "./welcome.css";

interface WaysProps {
  onOpen(source: SourceInput): void;
  /** Called with one source, or with several to choose from. */
  onChoose(sources: readonly SourceInput[]): void;
}

/** The start page: what the page does, how to open an image, and that nothing is uploaded. */
export function Welcome({ onOpen, onChoose }: WaysProps) {
  return (
    <main className="welcome">
      <h1>
        Drop an <span className="one-word">OME-Zarr</span> image here
      </h1>
      <p>
        An <code>.ozx</code> file, a zip archive, a TIFF, CZI, ND2 or LIF, or a folder. See the image, the
        contents of the archive, and whether it conforms to the specifications.
      </p>
      <ChooseButtons onChoose={onChoose} />
      <OpenAgain onOpen={onOpen} />
      <p className="promise">
        <LockIcon /> Your file stays on this computer. The page reads it here; nothing is uploaded.
      </p>
      <UrlForm onOpen={onOpen} />
    </main>
  );
}

/** Offers the file that was open before the page was reloaded: the browser asks again whether the page may read it. */
function OpenAgain({ onOpen }: Pick<WaysProps, "onOpen">) {
  const last = useLoaded(lastSource);
  if (last === undefined) return <ChooseAgain />;
  const open = async (): Promise<void> => {
    const source = await last.open();
    if (source !== undefined) onOpen(source);
  };
  return (
    <p className="again">
      <button type="button" onClick={() => void open()}>
        Open {last.name} again
      </button>
    </p>
  );
}

/** Says, in a browser that keeps no files for pages, which file the view in the address is of. */
function ChooseAgain() {
  const name = nameInHash(location.hash);
  if (name === undefined || window.showOpenFilePicker !== undefined) return null;
  return (
    <p className="again">
      This browser does not keep files for the page. Choose <strong>{name}</strong> again to see it as before.
    </p>
  );
}

/** Why a source could not be opened, and ways to open another one. */
export function Failure({ failed, onOpen, onChoose }: WaysProps & { readonly failed: FailedSource }) {
  const { source, error } = failed;
  const { title, message } = explainError(error);
  const images = imagesIn(failed);
  if (images.length > 0) {
    const sources = images.map((one) => ({ title: one.inside?.slice(1) ?? one.name, source: one }));
    return (
      <main className="welcome failure">
        <Choice
          title={`${source.name} has ${images.length} images`}
          text={`Choose one of them.${images.length === MOST_IMAGES ? " These are the first ones." : ""}`}
          sources={sources}
          onOpen={onOpen}
        />
      </main>
    );
  }
  const needsDownload = isOzxError(error, "Unsupported") && error.feature === "server without ranges";
  return (
    <main className="welcome failure">
      <div role="alert">
        <h1>{title}</h1>
        <p>{message}</p>
      </div>
      {needsDownload && source.kind === "url" && <DownloadOffer url={source.url} onOpen={onOpen} />}
      <ChooseButtons onChoose={onChoose} plain />
      {source.kind === "url" && <UrlForm onOpen={onOpen} initial={source.url} />}
    </main>
  );
}

/** Buttons are made of no more. */
const MOST_IMAGES = 200;

/** The images of an archive that has several side by side. */
export function imagesIn({
  source,
  error,
}: FailedSource): (SourceInput & { readonly kind: "file" | "url" })[] {
  if (source.kind === "folder" || !isOzxError(error, "InvalidMetadata")) return [];
  return error.hierarchies
    .slice(0, MOST_IMAGES)
    .map((inside) => ({ ...source, name: `${source.name}${inside}`, inside }));
}
