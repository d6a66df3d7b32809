let known: boolean | undefined;

/** Whether the browser has WebGL 2, without which nothing is drawn: it may be switched off, or the driver too old. */
export function canDraw(): boolean {
  known ??= document.createElement("canvas").getContext("webgl2") !== null;
  return known;
}
