import type { KeyboardEvent } from "react";
import type { Camera } from "../stage/scene.js";

export interface KeyActions {
  pan(x: number, y: number): void;
  zoom(steps: number): void;
  fit(): void;
  actualSize(): void;
  /** Along an axis, by so many positions. */
  step(axis: string, by: number): void;
}

/** Pixels of the screen that an arrow key moves the picture by. */
const PAN = 80;

/** What the keys do while the picture has the focus. */
export function keyHandler(actions: KeyActions): (event: KeyboardEvent) => void {
  const keys = new Map<string, () => void>([
    ["ArrowLeft", () => actions.pan(-PAN, 0)],
    ["ArrowRight", () => actions.pan(PAN, 0)],
    ["ArrowUp", () => actions.pan(0, -PAN)],
    ["ArrowDown", () => actions.pan(0, PAN)],
    ["+", () => actions.zoom(1)],
    ["=", () => actions.zoom(1)],
    ["-", () => actions.zoom(-1)],
    ["0", () => actions.fit()],
    ["1", () => actions.actualSize()],
    ["PageUp", () => actions.step("z", 1)],
    ["PageDown", () => actions.step("z", -1)],
    [".", () => actions.step("t", 1)],
    [",", () => actions.step("t", -1)],
  ]);
  return (event) => {
    const action = keys.get(event.key);
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  };
}

/** A camera moved by pixels of the screen. */
export function panned({ x, y, zoom }: Camera, right: number, down: number): Camera {
  return { x: x + right / 2 ** zoom, y: y + down / 2 ** zoom, zoom };
}
