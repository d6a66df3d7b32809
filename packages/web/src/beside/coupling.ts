import type { Camera } from "../image/stage/scene.js";
import type { Pyramid } from "../image/tiles/image-plane.js";
import type { Slice } from "../image/tiles/read-tile.js";
import { alignedCamera, alignedPosition, planeRatio, stepRatio, within } from "./alignment.js";

/** The first of two pictures, or the second. */
export type Side = 0 | 1;

/** A picture that follows another one. */
export interface CoupledView {
  readonly pyramid: Pyramid;
  look(camera: Camera): void;
  go(axis: string, position: number): void;
}

/** What a picture shows. */
export interface ViewPosition {
  /** Undefined until it is drawn. */
  readonly camera: Camera | undefined;
  readonly slice: Slice;
}

/** The part of a coupling that one of its pictures uses. */
export interface ViewLink {
  /**
   * Adds the picture; returns a function that takes it out.
   *
   * @param isPlaced whether it shows a place of its own, where it would else go to that of the other one
   */
  join(view: CoupledView, isPlaced: boolean): () => void;
  /** Call it whenever the picture shows something else. */
  report(position: ViewPosition): void;
}

/** Two pictures that move together. */
export interface Coupling {
  readonly links: readonly [ViewLink, ViewLink];
  /** Call it when the user turns to one of them: the other one follows its camera. */
  lead(side: Side): void;
  /** Couples the pictures as they are, or uncouples them. */
  couple(isOn: boolean): void;
}

/** Of the first one and the second. */
type Two<T> = [first: T, second: T];

interface Shown {
  readonly camera: Camera;
  readonly slice: Slice;
}

/** Creates a coupling of two pictures, which is on. */
export function createCoupling(): Coupling {
  const views: Two<CoupledView | undefined> = [undefined, undefined];
  const last: Two<ViewPosition | undefined> = [undefined, undefined];
  /** The positions that a picture was sent to, so that it is not followed there. */
  const sent = [new Map<string, number>(), new Map<string, number>()] as const;
  let newcomer: { side: Side; isPlaced: boolean } | undefined;
  /** What both showed when they were coupled. */
  let anchors: Two<Shown> | undefined;
  let leader: Side = 0;
  let isOn = true;

  const send = (side: Side, axis: string, position: number): void => {
    if (last[side]?.slice[axis] === position) return;
    sent[side].set(axis, position);
    views[side]?.go(axis, position);
  };

  /** Couples both where they are, after one that has just joined has gone to the place of the other. */
  const settle = (): void => {
    const shown = [shownOf(last[0]), shownOf(last[1])] as const;
    const [first, second] = shown;
    if (!isOn || first === undefined || second === undefined) return;
    anchors = [first, second];
    const moved = newcomer;
    newcomer = undefined;
    if (moved === undefined || moved.isPlaced) return;
    const other = otherOf(moved.side);
    const [from, to] = [views[other], views[moved.side]];
    if (from === undefined || to === undefined) return;
    leader = other;
    const slice: Record<string, number> = { ...anchors[moved.side].slice };
    for (const [axis, position] of Object.entries(anchors[other].slice)) {
      if (!(axis in slice)) continue;
      slice[axis] = alignedPosition(from.pyramid, to.pyramid, axis, position) ?? slice[axis] ?? 0;
      send(moved.side, axis, slice[axis] ?? 0);
    }
    const camera = alignedCamera(from.pyramid, to.pyramid, anchors[other].camera);
    anchors[moved.side] = { camera, slice };
    to.look(camera);
  };

  const follow = (side: Side, before: ViewPosition | undefined, { camera, slice }: ViewPosition): void => {
    const [from, to] = [views[side], views[otherOf(side)]];
    if (anchors === undefined || from === undefined || to === undefined) return;
    const [own, others] = [anchors[side], anchors[otherOf(side)]];
    if (camera !== undefined && side === leader && !isSame(camera, before?.camera)) {
      const ratio = planeRatio(from.pyramid, to.pyramid);
      to.look({
        x: others.camera.x + (camera.x - own.camera.x) * ratio,
        y: others.camera.y + (camera.y - own.camera.y) * ratio,
        zoom: others.camera.zoom + camera.zoom - own.camera.zoom,
      });
    }
    for (const [axis, position] of Object.entries(slice)) {
      const start = others.slice[axis];
      const wasSent = sent[side].get(axis) === position;
      if (before?.slice[axis] === position || wasSent || start === undefined) continue;
      sent[side].delete(axis);
      const steps = (position - (own.slice[axis] ?? 0)) * stepRatio(from.pyramid, to.pyramid, axis);
      send(otherOf(side), axis, within(to.pyramid, axis, start + steps));
    }
  };

  const linkOf = (side: Side): ViewLink => ({
    join(view, isPlaced) {
      views[side] = view;
      newcomer = { side, isPlaced };
      anchors = undefined;
      return () => {
        views[side] = undefined;
        last[side] = undefined;
        anchors = undefined;
      };
    },
    report(position) {
      const before = last[side];
      last[side] = position;
      if (anchors === undefined) settle();
      else if (isOn) follow(side, before, position);
    },
  });

  return {
    links: [linkOf(0), linkOf(1)],
    lead(side) {
      leader = side;
    },
    couple(next) {
      isOn = next;
      anchors = undefined;
      newcomer = undefined;
      if (isOn) settle();
    },
  };
}

function otherOf(side: Side): Side {
  return side === 0 ? 1 : 0;
}

function shownOf(position: ViewPosition | undefined): Shown | undefined {
  return position?.camera && { camera: position.camera, slice: position.slice };
}

function isSame(a: Camera, b: Camera | undefined): boolean {
  return b !== undefined && a.x === b.x && a.y === b.y && a.zoom === b.zoom;
}
