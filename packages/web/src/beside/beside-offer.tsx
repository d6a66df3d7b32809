import type { OpenImage } from "@ozx/core";
import { lazy, Suspense, useState } from "react";
import type { OpenedSource } from "../open/source-input.js";
import type { BesideControl } from "./use-beside.js";

const BesideDialog = lazy(async () => ({ default: (await import("./beside-dialog.js")).BesideDialog }));

interface BesideOfferProps {
  readonly opened: OpenedSource;
  readonly image: OpenImage;
  readonly beside: BesideControl;
}

/** A button that opens the dialog to open another image beside this one. */
export function BesideOffer(props: BesideOfferProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <section className="share" aria-label="Side by side">
      <button type="button" onClick={() => setIsOpen(true)}>
        Open another beside it …
      </button>
      {isOpen && (
        <Suspense>
          <BesideDialog {...props} onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </section>
  );
}
