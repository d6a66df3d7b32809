import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { ViewSettings } from "../model/view-settings.js";
import type { DrawnState, Stage } from "../stage/create-stage.js";
import { type Camera, type Size, sceneOf } from "../stage/scene.js";
import { ScaleBar } from "../view/scale-bar.js";
import { StageCanvas } from "../view/stage-canvas.js";
import {
  type Position,
  pointOf,
  positionAt,
  type SidePlane,
  type SidePlanes,
  sliceThrough,
} from "./side-planes.js";

/** A plane on the screen, for pictures. */
export interface PaneStage {
  readonly element: HTMLElement;
  capture(): Promise<HTMLCanvasElement>;
}

interface PaneProps {
  readonly plane: SidePlane;
  readonly sides: SidePlanes;
  readonly settings: ViewSettings;
  readonly at: Position;
  /** Of the plane, as in `Camera`. */
  readonly zoom: number;
  /** Another number moves the camera, even where the zoom is the same. */
  readonly turn: number;
  /** Whether the camera follows the zoom; else the user has zoomed this plane. */
  readonly isLed: boolean;
  /** Where the plane enters itself while it is shown. */
  readonly panes: Map<string, PaneStage>;
  onPosition(position: Position): void;
  /** Called when the user zooms this plane. */
  onZoom(id: string, zoom: number): void;
  onDrawn(id: string, state: DrawnState): void;
  onError(error: unknown): void;
}

/** One of the orthogonal planes, with lines where the others cross it. A click moves them. */
export function Pane({ plane, sides, settings, at, zoom, turn, isLed, panes, ...events }: PaneProps) {
  const { pyramid, id } = plane;
  const { size, names } = sides;
  const element = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage>(undefined);
  const pressed = useRef<{ x: number; y: number }>(undefined);
  const wheeled = useRef(false);
  const [seen, setSeen] = useState<{ camera: Camera; size: Size }>();
  const slice = JSON.stringify(sliceThrough(plane, settings.slice, names, at));
  const scene = useMemo(
    () => sceneOf(pyramid, { ...settings, slice: JSON.parse(slice) as ViewSettings["slice"] }),
    [pyramid, settings, slice],
  );

  const latest = useRef(at);
  latest.current = at;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn moves the camera again
  useEffect(() => {
    if (isLed) stage.current?.look(cameraAt(plane, size, latest.current, { zoom, element: element.current }));
  }, [plane, size, zoom, isLed, turn]);
  const seenNow = useRef(seen);
  seenNow.current = seen;
  // A position that is moved out of what is seen is followed.
  useEffect(() => {
    const now = seenNow.current;
    if (now === undefined) return;
    const point = pointOf(plane, size, at);
    const half = 2 ** -now.camera.zoom / 2;
    const isSeen =
      Math.abs(point.x - now.camera.x) <= now.size.width * half &&
      Math.abs(point.y - now.camera.y) <= now.size.height * half;
    if (!isSeen) {
      stage.current?.look(cameraAt(plane, size, at, { zoom: now.camera.zoom, element: element.current }));
    }
  }, [plane, size, at]);
  useEffect(() => {
    if (element.current === null) return;
    const capture = async (): Promise<HTMLCanvasElement> =>
      stage.current?.capture() ?? document.createElement("canvas");
    panes.set(id, { element: element.current, capture });
    return () => {
      panes.delete(id);
    };
  }, [panes, id]);

  const press = ({ clientX, clientY }: PointerEvent): void => {
    pressed.current = { x: clientX, y: clientY };
  };
  const release = (event: PointerEvent<HTMLElement>): void => {
    const { x, y } = pressed.current ?? { x: Number.NaN, y: Number.NaN };
    // A press that moves is a drag, which moves the plane.
    if (seen === undefined || !(Math.hypot(event.clientX - x, event.clientY - y) <= 4)) return;
    const box = event.currentTarget.getBoundingClientRect();
    const scale = 2 ** seen.camera.zoom;
    const point = {
      x: seen.camera.x + (event.clientX - box.left - seen.size.width / 2) / scale,
      y: seen.camera.y + (event.clientY - box.top - seen.size.height / 2) / scale,
    };
    events.onPosition(positionAt(plane, size, point, at));
  };

  return (
    <div
      ref={element}
      className="pane"
      data-plane={id}
      onPointerDown={press}
      onPointerUp={release}
      onWheel={() => {
        wheeled.current = true;
      }}
    >
      <StageCanvas
        scene={scene}
        stage={stage}
        part={1 / 3}
        onCamera={(camera, own) => {
          if (wheeled.current && seen !== undefined && camera.zoom !== seen.camera.zoom) {
            wheeled.current = false;
            events.onZoom(id, camera.zoom);
          }
          setSeen({ camera, size: own });
        }}
        onDrawn={(state) => events.onDrawn(id, state)}
        onError={events.onError}
      />
      {seen !== undefined && <Lines seen={seen} point={pointOf(plane, size, at)} />}
      {seen !== undefined && id === "xy" && <ScaleBar image={pyramid.image} zoom={seen.camera.zoom} />}
      <span className="pane-name">{NAMES[id]}</span>
    </div>
  );
}

/** The camera with a position as near to its middle as leaves no room beside the plane that could be filled. */
function cameraAt(
  plane: SidePlane,
  size: Position,
  at: Position,
  { zoom, element }: { readonly zoom: number; readonly element: HTMLElement | null },
): Camera {
  const point = pointOf(plane, size, at);
  const along = (position: number, extent: number, pixels: number): number => {
    const half = pixels / 2 ** zoom / 2;
    return half * 2 >= extent ? extent / 2 : Math.max(half, Math.min(extent - half, position));
  };
  return {
    x: along(point.x, plane.pyramid.width, element?.clientWidth ?? 0),
    y: along(point.y, plane.pyramid.height, element?.clientHeight ?? 0),
    zoom,
  };
}

const NAMES: Readonly<Record<SidePlane["id"], string>> = { xy: "XY", xz: "XZ", zy: "YZ" };

interface LinesProps {
  readonly seen: { readonly camera: Camera; readonly size: Size };
  readonly point: { readonly x: number; readonly y: number };
}

/** The lines where the other planes cross this one. */
function Lines({ seen: { camera, size }, point }: LinesProps) {
  const scale = 2 ** camera.zoom;
  const left = size.width / 2 + (point.x - camera.x) * scale;
  const top = size.height / 2 + (point.y - camera.y) * scale;
  return (
    <div className="pane-lines" aria-hidden="true">
      <i style={{ left, top: 0, bottom: 0, width: 1 }} />
      <i style={{ top, left: 0, right: 0, height: 1 }} />
    </div>
  );
}
