interface WellSwitchProps {
  /** Undefined at the last well. */
  readonly onNext: (() => void) | undefined;
  /** Undefined at the first well. */
  readonly onPrevious: (() => void) | undefined;
  onPlate(): void;
}

/** Buttons to the wells before and after, and back to the plate. */
export function WellSwitch({ onNext, onPrevious, onPlate }: WellSwitchProps) {
  return (
    <div className="well-switch">
      <button
        type="button"
        aria-label="Previous well"
        title="Previous well (Shift W)"
        disabled={onPrevious === undefined}
        onClick={onPrevious}
      >
        ‹
      </button>
      <button
        type="button"
        aria-label="Next well"
        title="Next well (W)"
        disabled={onNext === undefined}
        onClick={onNext}
      >
        ›
      </button>
      <button type="button" onClick={onPlate}>
        ← All wells
      </button>
    </div>
  );
}
