import type { OpenImage } from "@ozx/core";
import { type Clip, extentAlong, type Orbit, SHOWN_AT_FIRST, type ShownAs } from "../image/model/shown-as.js";
import { formatMember } from "../open/page-address.js";

/**
 * The members of the address for what an image is shown as, as in `3d=1&ray=min&clip.z=0:12&orbit=-25,25,0`, or
 * `project=max:0:12`, or `sides=1&cross=100,200`. Only what is not as at first has one.
 */
export function formatShownAs({ mode, projection, ray, clip, orbit, cross }: ShownAs): string[] {
  const members: [string, string][] = [];
  if (mode === "volume") members.push(["3d", "1"]);
  if (mode === "sides") members.push(["sides", "1"]);
  if (projection !== undefined) {
    members.push(["project", `${projection.method}:${projection.range[0]}:${projection.range[1]}`]);
  }
  if (ray !== SHOWN_AT_FIRST.ray) members.push(["ray", ray]);
  for (const [axis, [from, to]] of Object.entries(clip)) members.push([`clip.${axis}`, `${from}:${to}`]);
  if (orbit !== undefined) {
    const numbers = [orbit.tilt, orbit.turn, orbit.zoom];
    members.push(["orbit", numbers.map((value) => String(Number(value.toFixed(2)))).join(",")]);
  }
  if (cross !== undefined) members.push(["cross", `${cross.x},${cross.y}`]);
  return members.map(([key, value]) => formatMember(key, value));
}

/** Parses what {@link formatShownAs} formats. What does not fit the image is as at first. */
export function parseShownAs(members: URLSearchParams, image: OpenImage): ShownAs {
  const [method = "", ...range] = members.get("project")?.split(":") ?? [];
  const projected = rangeWithin(range, extentAlong(image, "z"));
  const axis = image.axes.find(({ name }) => name.toLowerCase() === "z")?.name;
  const isMethod = method === "max" || method === "mean";
  const ray = members.get("ray");
  return {
    mode: members.get("3d") === "1" ? "volume" : members.get("sides") === "1" ? "sides" : "plane",
    projection:
      isMethod && projected !== undefined && axis !== undefined
        ? { axis, method, range: projected }
        : undefined,
    ray: ray === "min" || ray === "add" ? ray : "max",
    clip: parseClip(members, image),
    orbit: parseOrbit(members.get("orbit")),
    cross: parseCross(members.get("cross"), image),
  };
}

function parseClip(members: URLSearchParams, image: OpenImage): Clip {
  const axes = (["x", "y", "z"] as const).flatMap((axis) => {
    const range = rangeWithin(members.get(`clip.${axis}`)?.split(":") ?? [], extentAlong(image, axis));
    return range === undefined ? [] : [[axis, range] as const];
  });
  return Object.fromEntries(axes);
}

function rangeWithin(parts: readonly string[], size: number): readonly [number, number] | undefined {
  const [from = -1, to = -1] = parts.map(Number);
  const isRange = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= size;
  return isRange ? [from, to] : undefined;
}

function parseOrbit(text: string | null): Orbit | undefined {
  const [tilt = Number.NaN, turn = Number.NaN, zoom = Number.NaN] = text?.split(",").map(Number) ?? [];
  const isOrbit = Math.abs(tilt) <= 90 && Number.isFinite(turn) && Math.abs(zoom) <= 10;
  return isOrbit ? { tilt, turn, zoom } : undefined;
}

function parseCross(text: string | null, image: OpenImage): ShownAs["cross"] {
  const [x = Number.NaN, y = Number.NaN] = text?.split(",").map(Number) ?? [];
  const isInside = (at: number, axis: string): boolean =>
    Number.isInteger(at) && at >= 0 && at < extentAlong(image, axis);
  return isInside(x, "x") && isInside(y, "y") ? { x, y } : undefined;
}
