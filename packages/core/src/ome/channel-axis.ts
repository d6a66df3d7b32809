import type { Axis } from "./model.js";

/** Whether an axis is that of channels. Metadata before version 0.4 has no types, and others may leave them out. */
export function isChannelAxis({ name, type }: Pick<Axis, "name" | "type">): boolean {
  return type === "channel" || name.toLowerCase() === "c";
}
