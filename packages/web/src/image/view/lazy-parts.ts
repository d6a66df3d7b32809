import { lazy } from "react";

export const VolumeView = lazy(async () => ({
  default: (await import("../volume/volume-view.js")).VolumeView,
}));
export const SidesView = lazy(async () => ({ default: (await import("../sides/sides-view.js")).SidesView }));
export const VolumePanel = lazy(async () => ({
  default: (await import("../panel/volume-panel.js")).VolumePanel,
}));
export const ProjectionPanel = lazy(async () => ({
  default: (await import("../panel/projection-panel.js")).ProjectionPanel,
}));
