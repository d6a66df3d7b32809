import type { Finding } from "@ozx/core";

/** Something about a TIFF that the user should know. */
export function notice(rule: string, message: string, help: string): Finding {
  return { rule, level: "policy", severity: "warning", where: "/", message, help };
}

/** The finding for planes that were announced and not written. */
export function missingPlanes(name: string, missing: number, count: number): Finding {
  return notice(
    "missing-planes",
    `${missing} of the ${count} planes of ${name} were never written: they are read as 0.`,
    "Nothing, if the acquisition was stopped; otherwise copy all files of the set.",
  );
}

/** The finding for a stack whose axis the file does not say. */
export function unknownAxis(name: string, count: number, axis = "z"): Finding {
  return notice(
    "unknown-axis",
    `${name} does not say what its ${count} planes are: they are taken as ${axis}.`,
    "If they are something else, say so with --axes, as in --axes t.",
  );
}
