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
