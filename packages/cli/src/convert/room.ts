import { formatBytes, type TransferPlan } from "@ozx/core";
import { type Destination, roomFor } from "@ozx/core/node";
import type { Output } from "../terminal/output.js";

/** In a folder each entry is a file, and fills its last block only in part. */
export function needOf({ bytes, entries, made }: TransferPlan, { zarrFormat }: Destination) {
  return { bytes, files: zarrFormat === undefined ? entries.length + (made?.entries ?? 0) : 1 };
}

/** Where it is only about known how much is needed; the rest is compared where it is written. */
export async function sayWhatMayNotFit(
  output: string,
  plan: TransferPlan,
  destination: Destination,
  out: Output,
): Promise<void> {
  if (plan.made === undefined || plan.made.bytes === plan.made.leastBytes) return;
  const room = await roomFor(output, needOf(plan, destination));
  if (room === undefined || !room.isCertain || room.needed <= room.free) return;
  const { needed, free } = room;
  out.note(
    `${output} may not fit: it needs about ${formatBytes(needed)}, and its disk has ${formatBytes(free)} free.`,
  );
}
