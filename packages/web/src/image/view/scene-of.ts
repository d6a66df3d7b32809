import { parseColor } from "@ozx/core";
import type { ViewSettings } from "../model/settings.js";
import type { Scene } from "../stage/scene.js";
import { type Pyramid, placeImage } from "../tiles/pyramid.js";

/** What the stage draws of an image as it is set. Channels whose window is not known yet are left out. */
export function sceneOf(pyramid: Pyramid, { slice, channels, label }: ViewSettings): Scene {
  return {
    pyramid,
    slice,
    channels: channels.flatMap(({ on, index, window, color, gamma }) =>
      on && window !== undefined ? [{ index, window, gamma, rgb: parseColor(color) }] : [],
    ),
    labels: labelScene(pyramid, label),
  };
}

function labelScene(pyramid: Pyramid, { index, opacity }: ViewSettings["label"]): Scene["labels"] {
  const image = index === undefined ? undefined : pyramid.image.labels[index];
  if (image === undefined) return undefined;
  const { model } = image;
  return {
    pyramid: placed(image, pyramid),
    model: { colors: model.kind === "label-image" ? model.colors : [] },
    opacity,
  };
}

const known = new WeakMap<object, Pyramid>();

function placed(image: Pyramid["image"], base: Pyramid): Pyramid {
  const pyramid = known.get(image) ?? placeImage(image, base);
  known.set(image, pyramid);
  return pyramid;
}
