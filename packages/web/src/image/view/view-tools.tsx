import type { KeyboardEvent, ReactNode } from "react";
import { Icon } from "../../open/icon.js";
import type { ViewMode } from "../model/shown-as.js";

interface ViewToolsProps {
  onZoom(steps: number): void;
  onFit(): void;
  onActualSize(): void;
  onSave(): void;
  readonly mode: ViewMode;
  /** Those that the image can be shown in besides the plane. */
  readonly modes: readonly ViewMode[];
  onMode(mode: ViewMode): void;
}

const CORNERS = "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4";
const ARROW_DOWN = "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11";

const CROSS = "M8 1.5v13M1.5 8h13";

/** The buttons over the picture. */
export function ViewTools({ onZoom, onFit, onActualSize, onSave, mode, modes, onMode }: ViewToolsProps) {
  return (
    <div className="view-tools" role="toolbar" aria-label="View">
      <Tool name="Zoom in" title="Zoom in (+)" onClick={() => onZoom(1)}>
        +
      </Tool>
      <Tool name="Zoom out" title="Zoom out (−)" onClick={() => onZoom(-1)}>
        −
      </Tool>
      <Tool
        name="Fit"
        title={mode === "volume" ? "Turn back and fit to the window (0)" : "Fit to the window (0)"}
        onClick={onFit}
      >
        <Icon lines={CORNERS} />
      </Tool>
      <Tool
        name="Actual size, 1:1"
        title="Actual size: one screen pixel per image pixel (1)"
        off={mode !== "plane"}
        onClick={onActualSize}
      >
        1:1
      </Tool>
      <Tool name="Save as PNG" title="Save the picture as PNG" onClick={onSave}>
        <Icon lines={ARROW_DOWN} />
      </Tool>
      {modes.includes("sides") && (
        <Tool
          name="Orthogonal views"
          title={mode === "sides" ? "Back to the slice" : "Show the planes along z too"}
          pressed={mode === "sides"}
          onClick={() => onMode(mode === "sides" ? "plane" : "sides")}
        >
          <Icon lines={CROSS} />
        </Tool>
      )}
      {modes.includes("volume") && (
        <Tool
          name="Volume, 3D"
          title={mode === "volume" ? "Back to the slice" : "Show as a volume"}
          pressed={mode === "volume"}
          onClick={() => onMode(mode === "volume" ? "plane" : "volume")}
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

/** What the picture is, and what its keys do. */
export const KEY_HELP: Readonly<Record<ViewMode, string>> = {
  plane:
    "Picture. Arrow keys pan, plus and minus zoom, 0 fits it to the window, page up and page down change z, space plays and pauses, Enter reads the values in its middle.",
  volume: "Volume. Arrow keys turn it, plus and minus zoom, 0 resets the view.",
  sides:
    "Orthogonal views. Arrow keys and page up and page down move the position, plus and minus zoom, 0 fits them to the window.",
};

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
