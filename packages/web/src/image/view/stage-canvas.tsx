import { type RefObject, useEffect, useRef } from "react";
import { createStage, type Stage, type StageEvents } from "../stage/create-stage.js";
import type { Scene } from "../stage/scene.js";

interface StageCanvasProps extends StageEvents {
  readonly scene: Scene;
  readonly stage: RefObject<Stage | undefined>;
  /** Of the memory for decoded tiles; 1 where it is the only stage. */
  readonly part?: number;
}

/** The stage as a React component; `stage` is set to it while it is mounted. */
export function StageCanvas({ scene, stage, part, ...events }: StageCanvasProps) {
  const parent = useRef<HTMLDivElement>(null);
  const latest = useRef(events);
  latest.current = events;

  useEffect(() => {
    if (parent.current === null) return;
    const created = createStage(
      parent.current,
      {
        onCamera: (camera, size) => latest.current.onCamera(camera, size),
        onDrawn: (state, slice) => latest.current.onDrawn(state, slice),
        onError: (error) => latest.current.onError(error),
      },
      part,
    );
    stage.current = created;
    return () => {
      stage.current = undefined;
      created.destroy();
    };
  }, [stage, part]);

  useEffect(() => stage.current?.show(scene), [scene, stage]);

  return <div ref={parent} className="stage-canvas" />;
}
