import { type ReactNode, useEffect, useState } from "react";
import { droppedSources, type SourceInput } from "./source-input.js";
import "./drop-zone.css";

/** The part of the page, at its right, where a drop opens a file beside the image. */
const BESIDE = 1 / 3;

/** Accepts drops anywhere on the page, and shows an overlay while a file is dragged over it. */
export function DropZone({
  onDrop,
  besideWhat,
  children,
}: {
  onDrop(sources: readonly SourceInput[], isBeside: boolean): void;
  /** The image that a file can be opened beside; undefined where there is none. */
  besideWhat: string | undefined;
  children: ReactNode;
}) {
  const [over, setOver] = useState(false);
  const [isBeside, setIsBeside] = useState(false);
  const [reading, setReading] = useState(false);

  useEffect(() => {
    // Every element under the pointer fires dragenter and dragleave; at depth 0 the pointer has left the page.
    let depth = 0;
    let drops = 0;
    const move = (event: DragEvent, step: number): void => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      depth += step;
      setOver(depth > 0);
      setIsBeside(isBesideAt(event));
    };
    const isBesideAt = ({ clientX }: DragEvent): boolean =>
      besideWhat !== undefined && clientX > window.innerWidth * (1 - BESIDE);
    const listeners = {
      dragenter: (event: DragEvent) => move(event, 1),
      dragleave: (event: DragEvent) => move(event, -1),
      dragover: (event: DragEvent) => move(event, 0),
      drop: (event: DragEvent) => {
        event.preventDefault();
        depth = 0;
        setOver(false);
        if (event.dataTransfer === null) return;
        // Without handles, all files of a folder are listed first, and another drop may come before that is done.
        const drop = ++drops;
        setReading(true);
        const goesBeside = isBesideAt(event);
        void droppedSources(event.dataTransfer)
          .then((sources) => sources.length > 0 && drop === drops && onDrop(sources, goesBeside))
          .finally(() => drop === drops && setReading(false));
      },
    };
    for (const [type, listener] of Object.entries(listeners)) {
      document.addEventListener(type, listener as EventListener);
    }
    return () => {
      for (const [type, listener] of Object.entries(listeners)) {
        document.removeEventListener(type, listener as EventListener);
      }
    };
  }, [onDrop, besideWhat]);

  return (
    <>
      {children}
      <div className="drop-veil" data-over={over} data-reading={reading} aria-hidden={!reading} role="status">
        {reading
          ? "Reading the dropped files …"
          : over &&
            (besideWhat === undefined ? (
              "Drop to open"
            ) : (
              <>
                <span data-aim={!isBeside}>Drop here to open it in place of {besideWhat}</span>
                <span data-aim={isBeside}>Drop here to open it beside {besideWhat}</span>
              </>
            ))}
      </div>
    </>
  );
}
