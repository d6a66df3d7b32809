import type { Finding } from "@ozx/core";

/** Something about a file that the user should know. */
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
