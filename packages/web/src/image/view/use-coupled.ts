import { type Dispatch, useEffect, useMemo } from "react";
import type { ViewLink } from "../../beside/coupling.js";
import type { SettingsAction } from "../model/view-settings.js";
import type { Camera } from "../stage/scene.js";
import type { Pyramid } from "../tiles/image-plane.js";
import type { Slice } from "../tiles/read-tile.js";

/** How a picture belongs to another one beside it. */
export interface BesideProps {
  readonly link: ViewLink;
  /** What it is called among the two; undefined while it is the only one. */
  readonly title: string | undefined;
  /** Whether the panel is that of the other one. */
  readonly isBehind: boolean;
  /** Of the memory for decoded tiles. */
  readonly part: number;
}

interface CoupledOptions {
  readonly pyramid: Pyramid;
  look(camera: Camera): void;
  readonly dispatch: Dispatch<SettingsAction>;
  readonly camera: Camera | undefined;
  readonly slice: Slice;
  readonly initial: { readonly camera?: Camera | undefined } | undefined;
  readonly beside: BesideProps | undefined;
}

/** Moves a picture with the one beside it, and that one with it. */
export function useCoupled({
  pyramid,
  look,
  dispatch,
  camera,
  slice,
  initial,
  beside,
}: CoupledOptions): void {
  const link = beside?.link;
  const isPlaced = initial?.camera !== undefined;
  // A projection of the image is at the same place.
  const { image } = pyramid;
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const view = useMemo(
    () => ({
      pyramid,
      look,
      go: (axis: string, position: number) => dispatch({ type: "slice", axis, position }),
    }),
    [image, look, dispatch],
  );
  useEffect(() => link?.join(view, isPlaced), [link, view, isPlaced]);
  useEffect(() => link?.report({ camera, slice }), [link, camera, slice]);
}
