import type { OpenImage, OpenWell } from "@ozx/core";
import { useEffect } from "react";

/** The way from a well to its neighbours. */
export interface WellSteps {
  /** The well that comes next, or before; undefined at the ends. */
  readonly next: OpenWell | undefined;
  readonly previous: OpenWell | undefined;
}

/** The neighbours of a well among those that have images. */
export function wellSteps(wells: readonly OpenWell[], well: OpenWell): WellSteps {
  const all = wells.filter(({ images }) => images.length > 0);
  const at = all.findIndex(({ path }) => path === well.path);
  return { next: all[at + 1], previous: at > 0 ? all[at - 1] : undefined };
}

/** The field of a well at the position that another one has in its own; the first where there are fewer. */
export function sameField(well: OpenWell, position: number): OpenImage | undefined {
  return well.images[position] ?? well.images[0];
}

/** Calls a function by its key wherever the focus is, except where keys are typed. */
export function useKeys(actions: Readonly<Record<string, (() => void) | undefined>>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const action = actions[event.key];
      const isTyping = (event.target as HTMLElement).closest("input, select, textarea, dialog") !== null;
      if (action === undefined || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  });
}
