import {
  formatBytes,
  formatCount,
  plural,
  type Resumption,
  shownAddress,
  type TransferPlan,
} from "@ozx/core";

/** Says where `ozx convert --resume` goes on, or why it starts anew. */
export function aboutResumption(
  { left, done, leaves }: Resumption,
  plan: TransferPlan,
  { input, output }: { readonly input: string; readonly output: string },
): string {
  if (!leaves) {
    return `nothing can be gone on with: whether ${shownAddress(input)} changes meanwhile cannot be told; started anew`;
  }
  if (left === undefined) {
    return `nothing to go on with: no earlier run of the same conversion was found beside ${output}; started anew`;
  }
  if (done.entries === 0) {
    return `nothing to go on with: ${left} was left before anything in it was certain; started anew`;
  }
  const entries = plural(plan.entries.length + (plan.made?.entries ?? 0), "entry", "entries");
  // How many entries are made, and how large they are, is known afterwards.
  const about = plan.made === undefined ? "" : "about ";
  return `went on after ${formatCount(done.entries)} of ${about}${entries} (${formatBytes(done.bytes)} of ${about}${formatBytes(plan.bytes)})`;
}
