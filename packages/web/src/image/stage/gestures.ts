/** A point of an element, or a way, in pixels of CSS. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a user does to a picture with the mouse, fingers or a pen. */
interface Gestures {
  /** Called with the way that the picture is moved, in pixels of CSS. */
  onPan(right: number, down: number): void;
  /**
   * Called when the picture is zoomed by a power of two around a point, which stays where it is.
   *
   * @param at in pixels of CSS from the top left corner of the element
   */
  onZoom(steps: number, at: Point): void;
}

/** Milliseconds: how long a picture that is let go of moves on, and which moves tell how fast. */
const GLIDE = 200;
const RECENT = 60;

/** How far a wheel zooms, for each pixel of its way; a step at most doubles or halves. */
const WHEEL = 0.008;
const PIXELS_A_LINE = 40;

/**
 * Watches an element for drags, pinches, double clicks and the wheel.
 *
 * @returns a function that ends it
 */
export function watchGestures(element: HTMLElement, { onPan, onZoom }: Gestures): () => void {
  const pointers = new Map<number, Point>();
  let moves: { readonly time: number; readonly by: Point }[] = [];
  let gliding = 0;

  const pointIn = ({ clientX, clientY }: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  };

  const glide = (speed: Point, from: number): void => {
    let before = from;
    gliding = requestAnimationFrame(function move(now) {
      // A frame may have begun before the event that started this.
      const time = Math.max(before, now);
      const left = Math.max(0, 1 - (time - from) / GLIDE);
      onPan(speed.x * (time - before) * left, speed.y * (time - before) * left);
      before = time;
      if (left > 0) gliding = requestAnimationFrame(move);
    });
  };

  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    cancelAnimationFrame(gliding);
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, pointIn(event));
    moves = [];
    element.style.cursor = "grabbing";
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (!pointers.has(event.pointerId)) return;
    const before = spanOf([...pointers.values()]);
    pointers.set(event.pointerId, pointIn(event));
    const { middle, distance } = spanOf([...pointers.values()]);
    const by = { x: middle.x - before.middle.x, y: middle.y - before.middle.y };
    moves = [...moves.slice(-9), { time: event.timeStamp, by }];
    onPan(by.x, by.y);
    if (distance > 0 && before.distance > 0) onZoom(Math.log2(distance / before.distance), middle);
  };
  const onPointerUp = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId) || pointers.size > 0) return;
    element.style.cursor = "grab";
    const recent = moves.filter(({ time }) => event.timeStamp - time < RECENT);
    if (recent.length < 2 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const total = recent.reduce((sum, { by }) => ({ x: sum.x + by.x, y: sum.y + by.y }), { x: 0, y: 0 });
    glide({ x: total.x / RECENT, y: total.y / RECENT }, event.timeStamp);
  };
  const onPointerCancel = ({ pointerId }: PointerEvent): void => {
    pointers.delete(pointerId);
    element.style.cursor = "grab";
  };
  const onDoubleClick = (event: MouseEvent): void => onZoom(event.shiftKey ? -1 : 1, pointIn(event));
  const onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    cancelAnimationFrame(gliding);
    const way = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : PIXELS_A_LINE);
    const steps = Math.log2(2 / (1 + Math.exp(-Math.abs(way) * WHEEL)));
    if (way !== 0) onZoom(way < 0 ? steps : -steps, pointIn(event));
  };

  const ending = new AbortController();
  const { signal } = ending;
  element.style.cursor = "grab";
  element.addEventListener("pointerdown", onPointerDown, { signal });
  element.addEventListener("pointermove", onPointerMove, { signal });
  element.addEventListener("pointerup", onPointerUp, { signal });
  element.addEventListener("pointercancel", onPointerCancel, { signal });
  element.addEventListener("dblclick", onDoubleClick, { signal });
  element.addEventListener("wheel", onWheel, { signal, passive: false });
  return () => {
    ending.abort();
    cancelAnimationFrame(gliding);
  };
}

/** The middle between the first two pointers, and how far apart they are; 0 for a single one. */
function spanOf([first = { x: 0, y: 0 }, second = first]: readonly Point[]) {
  return {
    middle: { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 },
    distance: Math.hypot(second.x - first.x, second.y - first.y),
  };
}
