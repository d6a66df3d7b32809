import type { KeyboardEvent, ReactNode } from "react";
import { Icon } from "../../open/icon.js";
import type { Camera } from "../stage/scene.js";

interface ViewToolsProps {
  onZoom(steps: number): void;
  onFit(): void;
  onActualSize(): void;
  onSave(): void;
  /** Switches between plane and volume; undefined where the image has no depth. */
  readonly onVolume: (() => void) | undefined;
  readonly isVolume: boolean;
}

const CORNERS = "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4";
const ARROW_DOWN = "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11";

/** The buttons over the picture. Those that move the camera are disabled for a volume, which the mouse turns and zooms. */
export function ViewTools({ onZoom, onFit, onActualSize, onSave, onVolume, isVolume }: ViewToolsProps) {
  return (
    <div className="view-tools" role="toolbar" aria-label="View">
      <Tool name="Zoom in" title="Zoom in (+)" off={isVolume} onClick={() => onZoom(1)}>
        +
      </Tool>
      <Tool name="Zoom out" title="Zoom out (−)" off={isVolume} onClick={() => onZoom(-1)}>
        −
      </Tool>
      <Tool name="Fit" title="Fit to the window (0)" off={isVolume} onClick={onFit}>
        <Icon lines={CORNERS} />
      </Tool>
      <Tool
        name="Actual size, 1:1"
        title="Actual size: one screen pixel per image pixel (1)"
        off={isVolume}
        onClick={onActualSize}
      >
        1:1
      </Tool>
      <Tool name="Save as PNG" title="Save the picture as PNG" onClick={onSave}>
        <Icon lines={ARROW_DOWN} />
      </Tool>
      {onVolume !== undefined && (
        <Tool
          name="Volume, 3D"
          title={isVolume ? "Back to the slice" : "Show as a volume"}
          pressed={isVolume}
          onClick={onVolume}
        >
          3D
        </Tool>
      )}
    </div>
  );
}

interface ToolProps {
  readonly name: string;
  readonly title: string;
  readonly off?: boolean;
  readonly pressed?: boolean;
  readonly children: ReactNode;
  onClick(): void;
}

function Tool({ name, title, off, pressed, children, onClick }: ToolProps) {
  return (
    <button type="button" aria-label={name} aria-pressed={pressed} {...{ title, disabled: off, onClick }}>
      {children}
    </button>
  );
}

/** What the keys do. */
interface KeyActions {
  /** Moves the camera by pixels of CSS. */
  pan(x: number, y: number): void;
  zoom(steps: number): void;
  fit(): void;
  actualSize(): void;
  /** Moves along an axis by a number of positions. */
  step(axis: string, by: number): void;
  /** Plays along an axis, or pauses. */
  play(): void;
  /** Shows the values in the middle of the picture, or hides them. */
  read(): void;
}

/** Pixels of CSS that an arrow key moves the picture by. */
const PAN = 80;

/** Handles the keys while the picture has the focus. */
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
    [" ", () => actions.play()],
    ["Enter", () => actions.read()],
    [".", () => actions.step("t", 1)],
    [",", () => actions.step("t", -1)],
  ]);
  return (event) => {
    const action = keys.get(event.key);
    const isOnButton = event.target instanceof HTMLButtonElement && /^(?:Enter| )$/.test(event.key);
    if (action === undefined || isOnButton || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  };
}

/** A camera moved by pixels of CSS. */
export function panned({ x, y, zoom }: Camera, right: number, down: number): Camera {
  return { x: x + right / 2 ** zoom, y: y + down / 2 ** zoom, zoom };
}
