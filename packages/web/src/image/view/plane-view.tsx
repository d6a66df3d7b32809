import type { RefObject } from "react";
import type { ChannelScan } from "../model/channel-scan.js";
import type { ViewSettings } from "../model/view-settings.js";
import type { Stage, StageEvents } from "../stage/create-stage.js";
import type { Camera, Scene, Size } from "../stage/scene.js";
import { Overview } from "./overview.js";
import { Readout, type ReadoutPoint } from "./readout.js";
import { ScaleBar } from "./scale-bar.js";
import { StageCanvas } from "./stage-canvas.js";

interface PlaneViewProps extends StageEvents {
  readonly scene: Scene;
  readonly settings: ViewSettings;
  readonly scans: ReadonlyMap<number, ChannelScan>;
  readonly stage: RefObject<Stage | undefined>;
  /** Undefined until it is drawn. */
  readonly shown: { readonly camera: Camera; readonly size: Size } | undefined;
  readonly point: ReadoutPoint | undefined;
  readonly isWaiting: boolean;
  /** Of the memory for decoded tiles. */
  readonly part: number;
  onLook(x: number, y: number): void;
}

/** A plane of the image, with what lies over it. */
export function PlaneView({
  scene,
  settings,
  scans,
  stage,
  shown,
  point,
  isWaiting,
  part,
  onLook,
  ...events
}: PlaneViewProps) {
  const { pyramid } = scene;
  return (
    <>
      <StageCanvas {...{ scene, stage, part, ...events }} />
      {isWaiting && (
        <p className="stage-waiting" role="status">
          Reading the image …
        </p>
      )}
      {point !== undefined && (
        <Readout
          {...{ pyramid, point }}
          sample={stage.current?.sample(point)}
          channels={settings.channels.filter(({ on, window }) => on && window !== undefined)}
          labels={scene.labels}
        />
      )}
      {shown !== undefined && (
        <>
          <ScaleBar image={pyramid.image} zoom={shown.camera.zoom} />
          <Overview {...{ pyramid, scans, ...shown }} channels={settings.channels} onLook={onLook} />
        </>
      )}
    </>
  );
}
