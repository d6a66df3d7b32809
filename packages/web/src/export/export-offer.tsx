import { lazy, Suspense, useState } from "react";
import type { Camera, Scene, Size } from "../image/stage/scene.js";
import type { OpenedSource } from "../open/source-input.js";

const ExportDialog = lazy(async () => ({ default: (await import("./export-dialog.js")).ExportDialog }));

interface ExportOfferProps {
  readonly opened: OpenedSource;
  readonly scene: Scene;
  readonly camera: Camera;
  readonly size: Size;
}

/** A button that opens the dialog to export what is in view. */
export function ExportOffer(props: ExportOfferProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <section className="share" aria-label="Export">
      <button type="button" onClick={() => setIsOpen(true)}>
        Export picture or region …
      </button>
      {isOpen && (
        <Suspense>
          <ExportDialog {...props} onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </section>
  );
}
