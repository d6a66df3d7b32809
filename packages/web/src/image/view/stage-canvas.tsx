import { type RefObject, useEffect, useRef } from "react";
import { createStage, type Stage, type StageEvents } from "../stage/create-stage.js";
import type { Scene } from "../stage/scene.js";

interface StageCanvasProps extends StageEvents {
  readonly scene: Scene;
  readonly stage: RefObject<Stage | undefined>;
}

/** The place of the stage's canvas. */
export function StageCanvas({ scene, stage, ...events }: StageCanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(events);
  latest.current = events;

  useEffect(() => {
    if (place.current === null) return;
    const created = createStage(place.current, {
      onCamera: (camera, size) => latest.current.onCamera(camera, size),
      onDrawn: (complete) => latest.current.onDrawn(complete),
      onError: (error) => latest.current.onError(error),
    });
    stage.current = created;
    return () => {
      stage.current = undefined;
      created.destroy();
    };
  }, [stage]);

  useEffect(() => stage.current?.show(scene), [scene, stage]);

  return <div ref={place} className="stage-canvas" />;
}

/** What to say in the place of the picture where the browser cannot draw it. */
export function NoDrawing() {
  return (
    <div className="no-drawing" role="alert">
      <strong>This browser cannot draw the image: it has no WebGL 2.</strong>
      <p>
        Switch on hardware acceleration in its settings, bring the graphics driver up to date, or open the
        page in another browser. The other sections work here all the same.
      </p>
    </div>
  );
}

let hasWebgl2: boolean | undefined;

/** Whether the browser has WebGL 2, without which nothing is drawn: it may be switched off, or the driver too old. */
export function canDraw(): boolean {
  hasWebgl2 ??= document.createElement("canvas").getContext("webgl2") !== null;
  return hasWebgl2;
}
