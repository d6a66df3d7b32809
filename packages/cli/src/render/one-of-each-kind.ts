import type { Finding } from "@ozx/core";
import { formatCount } from "@ozx/core/internal";

/** A text for each rule: its first message, and how many other ones there are, of a plate as many as it has images. */
export function oneOfEachKind(findings: readonly Pick<Finding, "rule" | "message">[]): string[] {
  const kinds = new Map<string, Set<string>>();
  for (const { rule, message } of findings) {
    const messages = kinds.get(rule);
    if (messages === undefined) kinds.set(rule, new Set([message]));
    else messages.add(message);
  }
  return [...kinds.values()].map((messages) => {
    const [first = ""] = messages;
    return messages.size === 1 ? first : `${first} (and ${formatCount(messages.size - 1)} more like this)`;
  });
}
