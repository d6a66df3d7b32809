import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { largestLevel } from "../model/largest-level.js";
import type { Camera, Size } from "../stage/scene.js";
import type { Pyramid } from "../tiles/image-plane.js";
import { isEnough, isFull, type Mark, type MarkKind, type Position } from "./marks.js";
import { cornersOf } from "./measures.js";

interface MarkLayerProps {
  readonly pyramid: Pyramid;
  readonly camera: Camera;
  readonly size: Size;
  readonly marks: readonly Mark[];
  /** What is drawn; undefined where the picture is to be moved. */
  readonly tool: MarkKind | undefined;
  onMark(mark: Mark): void;
  onEnd(): void;
}

/** Pixels of CSS: a press that moves less is a click, and a polygon is closed that near to its start. */
const NEAR = 6;

const KEYS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The marks over the picture. With a tool, the pointer or a cross that is moved by the keys draws the next one. */
export function MarkLayer({ pyramid, camera, size, marks, tool, onMark, onEnd }: MarkLayerProps) {
  const [draft, setDraft] = useState<readonly Position[]>([]);
  /** The pointer or the cross, in pixels of CSS. */
  const [cursor, setCursor] = useState<Position>();
  const pressed = useRef<Position>(undefined);
  const stretch = pyramid.height / (largestLevel(pyramid.image).shape[pyramid.roles.y] ?? 1);
  const scale = 2 ** camera.zoom;
  const toScreen = ([x, y]: Position): Position => [
    (x - camera.x) * scale + size.width / 2,
    (y * stretch - camera.y) * scale + size.height / 2,
  ];
  const toPosition = ([x, y]: Position): Position => [
    (x - size.width / 2) / scale + camera.x,
    ((y - size.height / 2) / scale + camera.y) / stretch,
  ];

  const finish = (positions: readonly Position[]): void => {
    if (tool !== undefined && isEnough(tool, positions)) onMark({ kind: tool, positions });
    setDraft([]);
  };
  const place = (at: Position): void => {
    if (tool === undefined) return;
    const [first] = draft;
    const isClosed =
      tool === "area" && draft.length > 2 && first !== undefined && isNear(toScreen(first), at);
    const positions = isClosed ? draft : [...draft, toPosition(at)];
    if (isClosed || isFull(tool, positions)) finish(positions);
    else setDraft(positions);
  };
  const pointOf = (event: PointerEvent<SVGSVGElement>): Position => {
    const box = event.currentTarget.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = KEYS[event.key];
    const at = cursor ?? [size.width / 2, size.height / 2];
    const far = event.shiftKey ? 1 : 10;
    if (step !== undefined) setCursor([at[0] + step[0] * far, at[1] + step[1] * far]);
    else if (event.key === "Enter") place(at);
    else if (event.key === "Escape" && draft.length > 0) setDraft([]);
    else if (event.key === "Escape") onEnd();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const drawn = draft.length === 0 || tool === undefined ? [] : [{ kind: tool, positions: withCursor() }];
  function withCursor(): readonly Position[] {
    return cursor === undefined ? draft : [...draft, toPosition(cursor)];
  }
  return (
    <svg
      className="mark-layer"
      data-active={tool !== undefined}
      role={tool === undefined ? undefined : "application"}
      aria-label={tool && `Drawing a ${tool}. Arrow keys move the cross, Enter sets a position, Escape ends.`}
      aria-hidden={tool === undefined}
      tabIndex={tool === undefined ? undefined : 0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        pressed.current = pointOf(event);
        setCursor(pressed.current);
        if (tool !== "area" || draft.length === 0) place(pressed.current);
      }}
      onPointerMove={(event) => setCursor(pointOf(event))}
      onPointerUp={(event) => {
        const at = pointOf(event);
        const isDrag = pressed.current !== undefined && !isNear(pressed.current, at);
        // The press has set the first position of a mark; a click sets the others of an area.
        const isSet = draft.length === 1 && isNear(toScreen(draft[0] ?? [0, 0]), at);
        if (draft.length > 0 && (tool === "area" ? !isSet : isDrag)) place(at);
        pressed.current = undefined;
      }}
      onDoubleClick={() => finish(draft)}
    >
      {[...marks, ...drawn].map((mark, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a mark is known by its number
        <MarkShape key={at} mark={mark} number={at < marks.length ? at + 1 : undefined} toScreen={toScreen} />
      ))}
      {tool !== undefined && cursor !== undefined && (
        <path className="cross" d={`M${cursor[0] - 8} ${cursor[1]}h16M${cursor[0]} ${cursor[1] - 8}v16`} />
      )}
    </svg>
  );
}

interface MarkShapeProps {
  readonly mark: Mark;
  /** In the list; undefined while it is drawn. */
  readonly number: number | undefined;
  toScreen(position: Position): Position;
}

function MarkShape({ mark: { kind, positions }, number, toScreen }: MarkShapeProps) {
  const corners = kind === "box" && positions.length === 2 ? cornersOf(positions) : positions;
  const points = corners.map(toScreen);
  const [x, y] = points[0] ?? [0, 0];
  const isClosed = (kind === "box" || kind === "area") && points.length > 2;
  const line = `M${points.map((point) => point.join(" ")).join("L")}${isClosed ? "z" : ""}`;
  return (
    <g data-kind={kind}>
      {kind === "point" ? (
        <circle cx={x} cy={y} r="5" />
      ) : (
        <>
          <path className="halo" d={line} />
          <path d={line} />
        </>
      )}
      {number !== undefined && (
        <text x={x + 8} y={y - 6}>
          {number}
        </text>
      )}
    </g>
  );
}

function isNear([x, y]: Position, [otherX, otherY]: Position): boolean {
  return Math.hypot(x - otherX, y - otherY) <= NEAR;
}
