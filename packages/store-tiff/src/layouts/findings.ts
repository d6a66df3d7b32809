import type { Finding } from "@ozx/core";
import { notice } from "@ozx/virtual";

/** The finding for a stack whose axis the file does not say. */
export function unknownAxis(name: string, count: number, axis = "z"): Finding {
  return notice(
    "unknown-axis",
    `${name} does not say what its ${count} planes are: they are taken as ${axis}.`,
    "If they are something else, say so with --axes, as in --axes t.",
  );
}
