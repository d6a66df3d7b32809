import type { OpenImage } from "@ozx/core";
import { largestLevel } from "../model/largest-level.js";
import type { ShownAs } from "../model/shown-as.js";
import { castNote } from "../tiles/read-tile.js";
import { type NoVolume, stepsNote, type VolumeLevel } from "../volume/volume-level.js";

interface NoteOptions {
  /** What `volumeLevel` found. */
  readonly found: VolumeLevel | NoVolume | undefined;
  readonly shownAs: ShownAs;
  readonly hasLabels: boolean;
}

/** Sentences about what is not drawn, or not as it is stored. */
export function viewNotes(image: OpenImage, { found, shownAs, hasLabels }: NoteOptions): string[] {
  const isReason = found !== undefined && "reason" in found;
  const notes = [
    castNote(largestLevel(image).dtype),
    isReason ? found.reason : undefined,
    shownAs.mode === "volume" && found !== undefined && !isReason ? stepsNote(found) : undefined,
    hasLabels ? labelsNote(shownAs) : undefined,
  ];
  return notes.filter((note) => note !== undefined);
}

/** Why the labels are not drawn; undefined where they are. */
function labelsNote({ mode, projection }: ShownAs): string | undefined {
  return mode === "plane" && projection !== undefined
    ? "Labels are not projected: the largest of their numbers, or a mean of them, says nothing."
    : undefined;
}
