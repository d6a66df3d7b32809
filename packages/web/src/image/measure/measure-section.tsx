import { lazy, Suspense, useState } from "react";
import type { MeasurePanelProps } from "./measure-panel.js";

const MeasurePanel = lazy(async () => ({ default: (await import("./measure-panel.js")).MeasurePanel }));

/** Measures and marks: a button until it is used, or the list where there are marks. */
export function MeasureSection(props: MeasurePanelProps) {
  const [isOpen, setIsOpen] = useState(props.marks.length > 0);
  return (
    <section aria-label="Measure" className="share measure">
      {isOpen ? (
        <Suspense>
          <MeasurePanel {...props} />
        </Suspense>
      ) : (
        <button type="button" onClick={() => setIsOpen(true)}>
          Measure and mark …
        </button>
      )}
    </section>
  );
}
