import { lazy, Suspense, useState } from "react";
import type { Camera, Size } from "../stage/scene.js";
import type { Pyramid } from "../tiles/image-plane.js";
import type { Mark } from "./marks.js";

const MeasurePanel = lazy(async () => ({ default: (await import("./measure-panel.js")).MeasurePanel }));

export interface MeasureSectionProps {
  /** Of the open source, to name a file. */
  readonly name: string;
  readonly pyramid: Pyramid;
  readonly camera: Camera;
  readonly size: Size;
  readonly marks: readonly Mark[];
  onMarks(marks: readonly Mark[]): void;
}

/** Measures and marks: a button until it is used, or the list where there are marks. */
export function MeasureSection(props: MeasureSectionProps) {
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
