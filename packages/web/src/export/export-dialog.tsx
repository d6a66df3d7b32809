import { useEffect, useRef, useState } from "react";
import { type Camera, type Scene, type Size, viewOf } from "../image/stage/scene.js";
import type { Rectangle } from "../image/tiles/image-plane.js";
import type { OpenedSource } from "../open/source-input.js";
import { PictureSection } from "./picture-section.js";
import { RegionSection } from "./region-section.js";
import "./export-dialog.css";

interface ExportDialogProps {
  readonly opened: OpenedSource;
  readonly scene: Scene;
  readonly camera: Camera;
  /** Of the stage. */
  readonly size: Size;
  onClose(): void;
}

/** Saves what is in view, or the whole image, as a picture or as an `.ozx`. */
export function ExportDialog({ opened, scene, camera, size, onClose }: ExportDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isWhole, setIsWhole] = useState(false);
  const { pyramid } = scene;
  useEffect(() => dialog.current?.showModal(), []);
  const whole = { left: 0, top: 0, right: pyramid.width, bottom: pyramid.height };
  const region = isWhole ? whole : within(viewOf(camera, size), whole);
  const onScreen = Math.round((region.right - region.left) * 2 ** camera.zoom * devicePixelRatio);
  return (
    <dialog ref={dialog} className="choices export" aria-labelledby="export-title" onClose={onClose}>
      <h1 id="export-title">Export</h1>
      <div className="export-parts" role="radiogroup" aria-label="Part of the image">
        {[false, true].map((value) => (
          <label key={String(value)}>
            <input type="radio" name="part" checked={isWhole === value} onChange={() => setIsWhole(value)} />
            {value ? "The whole image" : "What is in view"}
          </label>
        ))}
      </div>
      <PictureSection
        key={`picture ${isWhole}`}
        {...{ scene, region, name: opened.name }}
        initialWidth={Math.max(1, isWhole ? Math.min(onScreen, size.width * devicePixelRatio) : onScreen)}
      />
      {opened.node.kind !== "array" && (
        <RegionSection key={`region ${isWhole}`} {...{ opened, scene, region, isWhole }} />
      )}
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

/** The part of one rectangle that lies in another; at least one pixel of it. */
function within(view: Rectangle, whole: Rectangle): Rectangle {
  const left = Math.max(0, Math.min(view.left, whole.right - 1));
  const top = Math.max(0, Math.min(view.top, whole.bottom - 1));
  return {
    left,
    top,
    right: Math.max(left + 1, Math.min(view.right, whole.right)),
    bottom: Math.max(top + 1, Math.min(view.bottom, whole.bottom)),
  };
}
