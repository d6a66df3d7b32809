import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { ViewSettings } from "../model/view-settings.js";
import type { DrawnState } from "../stage/create-stage.js";
import type { Pyramid } from "../tiles/image-plane.js";
import { joinPictures } from "./join-pictures.js";
import { Pane, type PaneStage } from "./pane.js";
import { type Position, type SidePlane, type SidePlanes, sidePlanes } from "./side-planes.js";
import "./sides.css";

/** What the tools over the picture do with the orthogonal views. */
export interface SidesStage {
  /** Zooms all planes around the position where they cross. */
  zoom(steps: number): void;
  /** Shows all of every plane. */
  fit(): void;
  /** Moves the position by pixels of the screen, by one pixel of the image at least. */
  move(right: number, down: number): void;
  capture(): Promise<HTMLCanvasElement>;
}

interface SidesViewProps {
  readonly pyramid: Pyramid;
  readonly settings: ViewSettings;
  readonly cross: { readonly x: number; readonly y: number } | undefined;
  readonly stage: RefObject<SidesStage | undefined>;
  /** Called with the position where the planes cross. */
  onCross(cross: { x: number; y: number }, z: { axis: string; position: number }): void;
  onDrawn(state: DrawnState): void;
  onError(error: unknown): void;
}

/** The plane of an image with the planes across it, which meet at one position; or why they are not shown. */
export function SidesView(props: SidesViewProps) {
  const { pyramid, onDrawn } = props;
  const sides = useMemo(() => sidePlanes(pyramid), [pyramid]);
  const reason =
    sides === undefined ? "The image has no depth." : "reason" in sides ? sides.reason : undefined;
  useEffect(() => {
    if (reason !== undefined) onDrawn("complete");
  }, [reason, onDrawn]);
  if (sides === undefined || "reason" in sides) {
    return (
      <p className="sides-none" role="note">
        {reason}
      </p>
    );
  }
  return <Planes {...props} sides={sides} />;
}

function Planes({
  sides,
  settings,
  cross,
  stage,
  onCross,
  onDrawn,
  onError,
}: SidesViewProps & { sides: SidePlanes }) {
  const { size, names } = sides;
  const grid = useRef<HTMLDivElement>(null);
  const panes = useRef(new Map<string, PaneStage>());
  const drawn = useRef(new Map<string, DrawnState>());
  const [space, setSpace] = useState<{ width: number; height: number }>();
  const [{ zoom, by, turn }, setZoomed] = useState<Zoomed>({ zoom: 0, by: undefined, turn: 0 });
  const at: Position = useMemo(
    () => ({
      x: cross?.x ?? Math.floor(size.x / 2),
      y: cross?.y ?? Math.floor(size.y / 2),
      z: settings.slice[names.z] ?? 0,
    }),
    [cross, size, names, settings.slice],
  );

  useLayoutEffect(() => {
    if (grid.current === null) return;
    const observer = new ResizeObserver(([entry]) => entry && setSpace(entry.contentRect));
    observer.observe(grid.current);
    return () => observer.disconnect();
  }, []);

  const layout = layoutOf(sides);
  const fitting = space === undefined ? undefined : fittingZoom(sides, layout, space);
  const go = useCallback(
    (next: Position): void => onCross({ x: next.x, y: next.y }, { axis: names.z, position: next.z }),
    [onCross, names],
  );

  useEffect(() => {
    stage.current = {
      zoom: (steps) => setZoomed((old) => zoomedTo(old, old.zoom + steps / 2)),
      fit: () => setZoomed((old) => zoomedTo(old, 0)),
      move: (right, down) => {
        const step = (pixels: number, scale: number): number =>
          Math.sign(pixels) *
          Math.max(1, Math.round(Math.abs(pixels) / 2 ** ((fitting ?? 0) + zoom) / scale));
        const within = (value: number, most: number): number => Math.max(0, Math.min(most - 1, value));
        go({
          ...at,
          x: within(at.x + (right === 0 ? 0 : step(right, 1)), size.x),
          y: within(at.y + (down === 0 ? 0 : step(down, sides.height / size.y)), size.y),
        });
      },
      capture: () => joinPictures(grid.current, [...panes.current.values()]),
    };
    return () => {
      stage.current = undefined;
    };
  }, [stage, at, size, sides, go, fitting, zoom]);

  const show = useCallback(
    (id: string, state: DrawnState): void => {
      drawn.current.set(id, state);
      const states = sides.planes.map((plane) => drawn.current.get(plane.id) ?? "empty");
      const isWhole = states.every((one) => one === "complete");
      onDrawn(isWhole ? "complete" : states.every((one) => one === "empty") ? "empty" : "partial");
    },
    [sides, onDrawn],
  );

  return (
    <div
      ref={grid}
      className="sides"
      style={{
        gridTemplateColumns: layout.columns.map((part) => `${part}fr`).join(" "),
        gridTemplateRows: layout.rows.map((part) => `${part}fr`).join(" "),
      }}
    >
      {fitting !== undefined &&
        sides.planes.map((plane: SidePlane) => (
          <Pane
            key={plane.id}
            {...{ plane, sides, settings, at, turn }}
            isLed={by !== plane.id}
            zoom={fitting + zoom + plane.unit}
            panes={panes.current}
            onPosition={go}
            onZoom={(id, own) => setZoomed((old) => zoomedTo(old, own - plane.unit - fitting, id))}
            onDrawn={show}
            onError={onError}
          />
        ))}
    </div>
  );
}

/** How near all planes are shown. */
interface Zoomed {
  /** As a power of two; 0 where all of every plane is seen. */
  readonly zoom: number;
  /** The plane that the user zoomed by itself, which the others follow. */
  readonly by: string | undefined;
  /** Another number for every time. */
  readonly turn: number;
}

function zoomedTo({ turn }: Zoomed, zoom: number, by?: string): Zoomed {
  return { zoom: Math.max(-1, zoom), by, turn: turn + 1 };
}

interface Layout {
  readonly columns: readonly [number, number];
  readonly rows: readonly [number, number];
}

/** As wide and high as the planes are, but for a thin image, whose sides get a sixth at least. */
function layoutOf({ width, height, depth }: SidePlanes): Layout {
  const side = (other: number): number => Math.max(other / 5, Math.min(depth, other * 2));
  return { columns: [width, side(width)], rows: [height, side(height)] };
}

/** Pixels of CSS between the planes. */
export const GAP = 2;

/** The zoom at which all of every plane is visible. */
function fittingZoom(
  { width, height, depth }: SidePlanes,
  { columns, rows }: Layout,
  space: { readonly width: number; readonly height: number },
): number {
  const right = (space.width - GAP) / (columns[0] + columns[1]);
  const down = (space.height - GAP) / (rows[0] + rows[1]);
  const scales = [
    (right * columns[0]) / width,
    (right * columns[1]) / depth,
    (down * rows[0]) / height,
    (down * rows[1]) / depth,
  ];
  return Math.log2(Math.min(...scales) * 0.96);
}
