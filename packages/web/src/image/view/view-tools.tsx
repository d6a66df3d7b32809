import type { ReactNode } from "react";
import { Icon } from "../../parts/icon.js";

interface ViewToolsProps {
  onZoom(steps: number): void;
  onFit(): void;
  onActualSize(): void;
  onSave(): void;
  /** Undefined where there is no volume. */
  readonly onVolume: (() => void) | undefined;
  readonly deep: boolean;
}

const CORNERS = "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4";
const ARROW_DOWN = "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11";

/** What can be done with the picture itself. A volume is turned and zoomed by hand. */
export function ViewTools({ onZoom, onFit, onActualSize, onSave, onVolume, deep }: ViewToolsProps) {
  return (
    <div className="view-tools" role="toolbar" aria-label="View">
      <Tool name="Zoom in" title="Zoom in (+)" off={deep} onClick={() => onZoom(1)}>
        +
      </Tool>
      <Tool name="Zoom out" title="Zoom out (−)" off={deep} onClick={() => onZoom(-1)}>
        −
      </Tool>
      <Tool name="Show all" title="Show all (0)" off={deep} onClick={onFit}>
        <Icon lines={CORNERS} />
      </Tool>
      <Tool name="One pixel a pixel" title="One pixel a pixel (1)" off={deep} onClick={onActualSize}>
        1:1
      </Tool>
      <Tool name="Save as PNG" title="Save what is shown as PNG" onClick={onSave}>
        <Icon lines={ARROW_DOWN} />
      </Tool>
      {onVolume !== undefined && (
        <Tool
          name="Volume"
          title={deep ? "Back to the plane" : "Show as a volume"}
          pressed={deep}
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
