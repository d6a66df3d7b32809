import type { Finding } from "@ozx/core";

/** Something about a TIFF that the user should know. */
export function notice(rule: string, message: string, help: string): Finding {
  return { rule, level: "policy", severity: "warning", where: "/", message, help };
}
