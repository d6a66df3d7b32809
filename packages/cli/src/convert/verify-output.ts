import type { Difference, TransferPlan } from "@ozx/convert";
import type { OutputCheck } from "@ozx/convert/node";
import { redactAddress } from "@ozx/core/internal";
import { compareImages } from "../compare-images.js";
import { OutputDiffersError } from "../terminal/report-error.js";
import type { ConvertRequest } from "./request.js";

/** Compares the output of a conversion with its input, after all of it is written and before it is published. */
export interface OutputVerifier {
  /** Resolves to whether the staged output, which is at this path, is to be published. */
  readonly check: OutputCheck;
  /** Tells what is written: levels that the plan adds are not compared. */
  expect(transfer: TransferPlan): void;
  /** Throws `OutputDiffersError` when `check` has found a difference. */
  throwIfDifferent(): void;
}

export function createVerifier(
  { input, output, selection, workers, quiet, http }: ConvertRequest,
  signal: AbortSignal,
): OutputVerifier {
  let added: TransferPlan["levels"] = [];
  let difference: Difference | undefined;
  let stagedPath = "";
  return {
    async check(path) {
      stagedPath = path;
      const options = { selection, added, workers, quiet, http, signal };
      [difference] = (await compareImages(input, path, options)).differences;
      return difference === undefined;
    },
    expect({ levels }) {
      added = levels;
    },
    throwIfDifferent() {
      if (difference === undefined) return;
      const message = difference.message.replaceAll(stagedPath, output);
      throw new OutputDiffersError(
        `${output} was not written, because it would differ from ${redactAddress(input)}: ${message}`,
      );
    },
  };
}
