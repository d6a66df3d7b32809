import type { ReactNode } from "react";
import type { Side } from "./coupling.js";
import type { Pair } from "./use-pair.js";

interface PictureBarProps {
  readonly side: Side;
  readonly pair: Pair;
  readonly name: string;
  readonly children?: ReactNode;
}

/** The name of one of two pictures, which shows its settings in the panel. */
export function PictureBar({ side, pair, name, children }: PictureBarProps) {
  return (
    <div className="picture-bar">
      <button
        type="button"
        aria-pressed={pair.active === side}
        aria-label={`${side + 1}, ${name}: show its settings`}
        title={name}
        onClick={() => pair.activate(side)}
      >
        <b>{side + 1}</b> <span>{name}</span>
      </button>
      {children}
    </div>
  );
}
