import { RecordError } from "../records/fields.js";
import { equalBytes, MARK_SHADOWED } from "./central-directory.js";

/** What the table of names is made of. */
export interface NameColumns {
  readonly names: Uint8Array;
  readonly nameEnds: Uint32Array;
  readonly marks: Uint8Array;
  readonly hashes: Uint32Array;
}

/** Two to four slots an entry, so that probes stay short. */
export function slotCount(count: number): number {
  let slots = 2;
  while (slots < count * 2) slots *= 2;
  return slots;
}

/** Steps an entry that the search for a free slot may take on average; names that were not made to collide take one. */
const MAX_STEPS = 64;

/**
 * Puts the first `count` names into an empty table, and marks those that a later one shadows.
 *
 * @throws RecordError when the names were chosen so that this takes forever
 */
export function fillSlots(count: number, columns: NameColumns, slots: Uint32Array): void {
  const { names, nameEnds, marks, hashes } = columns;
  const mask = slots.length - 1;
  let steps = 0;
  for (let i = 0, start = 0; i < count; i++) {
    const end = nameEnds[i] as number;
    const hash = hashes[i] as number;
    let slot = hash & mask;
    for (let other = slots[slot] as number; other !== 0; other = slots[slot] as number) {
      // Nearly all that meet in a slot differ in their hashes already; names lie far away in memory.
      if (hashes[other - 1] === hash) {
        const otherStart = other === 1 ? 0 : (nameEnds[other - 2] as number);
        if (equalBytes(names, otherStart, nameEnds[other - 1] as number, names, start, end)) {
          marks[other - 1] = (marks[other - 1] as number) | MARK_SHADOWED;
          break;
        }
      }
      slot = (slot + 1) & mask;
      if (++steps > (count + 1024) * MAX_STEPS) {
        throw new RecordError("its names were chosen so that looking them up takes forever");
      }
    }
    slots[slot] = i + 1;
    start = end;
  }
}
