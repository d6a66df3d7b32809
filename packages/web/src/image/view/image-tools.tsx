import { ExportOffer } from "../../export/export-offer.js";
import type { OpenedSource } from "../../open/source-input.js";
import type { Mark } from "../measure/marks.js";
import { MeasureSection } from "../measure/measure-section.js";
import type { Camera, Scene, Size } from "../stage/scene.js";

interface ImageToolsProps {
  readonly opened: OpenedSource;
  readonly scene: Scene;
  readonly camera: Camera;
  readonly size: Size;
  readonly marks: readonly Mark[];
  onMarks(marks: readonly Mark[]): void;
}

/** What can be done with a plane beside looking at it: measured, marked, exported. */
export function ImageTools({ opened, scene, camera, size, marks, onMarks }: ImageToolsProps) {
  return (
    <>
      <MeasureSection name={opened.name} pyramid={scene.pyramid} {...{ camera, size, marks, onMarks }} />
      <ExportOffer {...{ opened, scene, camera, size }} />
    </>
  );
}
