interface ViewToolsProps {
  onZoom(steps: number): void;
  onFit(): void;
  onActualSize(): void;
  /** Undefined while what is shown cannot be saved. */
  readonly onSave: (() => void) | undefined;
  /** Undefined where there is no volume. */
  readonly onVolume: (() => void) | undefined;
  readonly deep: boolean;
}

/** What can be done with the picture itself. */
export function ViewTools({ onZoom, onFit, onActualSize, onSave, onVolume, deep }: ViewToolsProps) {
  return (
    <div className="view-tools" role="toolbar" aria-label="View">
      <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => onZoom(1)}>
        +
      </button>
      <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => onZoom(-1)}>
        −
      </button>
      <button type="button" aria-label="Show all" title="Show all (0)" onClick={onFit}>
        <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
          <path
            d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
          />
        </svg>
      </button>
      <button
        type="button"
        aria-label="One pixel a pixel"
        title="One pixel a pixel (1)"
        onClick={onActualSize}
      >
        1:1
      </button>
      <button
        type="button"
        aria-label="Save as PNG"
        title="Save what is shown as PNG"
        disabled={onSave === undefined}
        onClick={onSave}
      >
        <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
          <path
            d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
          />
        </svg>
      </button>
      {onVolume !== undefined && (
        <button
          type="button"
          aria-label="Volume"
          aria-pressed={deep}
          title="Show as a volume"
          onClick={onVolume}
        >
          3D
        </button>
      )}
    </div>
  );
}
