import type { Progress, WriteOptions } from "./target.js";

/** Adds up what parts of the work report, each from its own start. */
export function progressCounter({ onProgress }: WriteOptions): { within(): (done: Progress) => void } {
  const total = { entries: 0, bytes: 0 };
  return {
    within() {
      let before: Progress = { entries: 0, bytes: 0 };
      return (done) => {
        total.entries += done.entries - before.entries;
        total.bytes += done.bytes - before.bytes;
        before = done;
        onProgress?.({ ...total });
      };
    },
  };
}

/** Counts on from what was done before. */
export function progressAfter(
  before: Progress,
  { onProgress }: WriteOptions = {},
): WriteOptions["onProgress"] {
  return (
    onProgress &&
    (({ entries, bytes }) => onProgress({ entries: before.entries + entries, bytes: before.bytes + bytes }))
  );
}
