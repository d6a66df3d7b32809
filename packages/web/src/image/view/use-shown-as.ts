import { useCallback, useMemo, useState } from "react";
import { SHOWN_AT_FIRST, type ShownAs, type ViewMode } from "../model/shown-as.js";
import { depthAxis, type Pyramid } from "../tiles/image-plane.js";

interface ShownAsControl {
  readonly shownAs: ShownAs;
  showAs(change: Partial<ShownAs>): void;
  /** What the image can be shown as besides a plane. */
  readonly modes: readonly ViewMode[];
  /** The pyramid that is drawn as a plane: with the projection. */
  readonly pyramid: Pyramid;
  /** The axis of the depth; undefined for images without one. */
  readonly depth: { readonly axis: string; readonly size: number } | undefined;
}

/** Which view of an image is shown. */
export function useShownAs(
  placed: Pyramid,
  initial: ShownAs | undefined,
  volume: object | undefined,
): ShownAsControl {
  const depth = useMemo(() => depthOf(placed), [placed]);
  const modes = useMemo((): ViewMode[] => {
    const sides: ViewMode[] = depth === undefined ? [] : ["sides"];
    return volume === undefined ? sides : [...sides, "volume"];
  }, [depth, volume]);
  const [shownAs, setShownAs] = useState<ShownAs>(() => {
    const { mode, ...rest } = initial ?? SHOWN_AT_FIRST;
    return { ...rest, mode: modes.includes(mode) ? mode : "plane" };
  });
  const showAs = useCallback((change: Partial<ShownAs>) => setShownAs((old) => ({ ...old, ...change })), []);
  const projection = shownAs.mode === "plane" ? shownAs.projection : undefined;
  const pyramid = useMemo(
    () => (projection === undefined ? placed : { ...placed, projection }),
    [placed, projection],
  );
  return { shownAs, showAs, modes, pyramid, depth };
}

function depthOf(placed: Pyramid): ShownAsControl["depth"] {
  const at = depthAxis(placed);
  const size = at === undefined ? 1 : (placed.first.shape[at] ?? 1);
  return at === undefined || size < 2 ? undefined : { axis: placed.image.axes[at]?.name ?? "z", size };
}
