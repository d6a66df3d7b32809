import { type PointerEvent, useRef, useState } from "react";
import { type Camera, panned, type Size } from "../stage/scene.js";
import type { ReadoutPoint } from "./readout.js";

/** The point whose values are read, and the handlers that follow the pointer. */
interface PointControl {
  readonly point: ReadoutPoint | undefined;
  /** Pins the point in the middle of the picture, or lets go of the one that is pinned. */
  read(): void;
  onPointerDown(event: PointerEvent<HTMLElement>): void;
  onPointerUp(event: PointerEvent<HTMLElement>): void;
  onPointerMove(event: PointerEvent<HTMLElement>): void;
  onPointerLeave(): void;
}

/** Follows the pointer over the plane; `view` is undefined where none is shown. */
export function usePoint(view: { readonly camera: Camera; readonly size: Size } | undefined): PointControl {
  const [point, setPoint] = useState<ReadoutPoint>();
  const pressed = useRef<{ x: number; y: number }>(undefined);
  const pointAt = (event: PointerEvent<HTMLElement>): { x: number; y: number } | undefined => {
    // Buttons and the overview lie over the picture.
    const isOnPicture = event.target instanceof Element && event.target.closest(".stage-canvas") !== null;
    if (view === undefined || !isOnPicture) return undefined;
    const box = event.currentTarget.getBoundingClientRect();
    const [right, down] = [event.clientX - box.left, event.clientY - box.top];
    return panned(view.camera, right - view.size.width / 2, down - view.size.height / 2);
  };
  return {
    point,
    read() {
      const middle = view && { x: view.camera.x, y: view.camera.y, isPinned: true };
      setPoint(point?.isPinned ? undefined : middle);
    },
    onPointerDown({ clientX, clientY }) {
      pressed.current = { x: clientX, y: clientY };
    },
    onPointerUp(event) {
      const { x = 0, y = 0 } = pressed.current ?? {};
      const at = pointAt(event);
      // A press that does not move is a click, which pins the point or lets it go.
      if (at === undefined || Math.hypot(event.clientX - x, event.clientY - y) > 4) return;
      setPoint({ x: at.x, y: at.y, isPinned: point?.isPinned !== true });
    },
    onPointerMove(event) {
      if (point?.isPinned) return;
      const at = pointAt(event);
      setPoint(at && { x: at.x, y: at.y, isPinned: false });
    },
    onPointerLeave() {
      if (point?.isPinned === false) setPoint(undefined);
    },
  };
}
