import type { StoreTarget, WriteOptions } from "../store/target.js";
import type { TransferPlan } from "./plan.js";

/**
 * Carries a plan out: everything is written, or, when this throws, nothing.
 *
 * @throws SourceChangedError when the source is not what was planned with
 * @throws WriteFailedError when the destination cannot be written
 */
export async function runTransfer(
  plan: TransferPlan,
  target: StoreTarget,
  options?: WriteOptions,
): Promise<void> {
  await target.write({ source: plan.source, entries: plan.entries, generated: plan.made }, options);
}
