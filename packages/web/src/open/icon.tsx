/** An icon of 16 × 16 units in the colour of the surrounding text; `lines` is the path of its strokes in SVG. */
export function Icon({ lines }: { lines: string }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={lines} fill="none" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}

/** A padlock, for data that is not uploaded. */
export function LockIcon() {
  return <Icon lines="M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3.5 7h9v6.5h-9z" />;
}
