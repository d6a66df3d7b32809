import { UsageError } from "../errors.js";

/**
 * Throws for options of a name that there is none of, as a misspelt one would be without effect.
 *
 * @param what has the options, as in `an image`
 * @throws UsageError naming them all
 */
export function refuseUnknown(what: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  const names = unknown.map((name) => JSON.stringify(name)).join(" or ");
  // Who makes threads of their own knows so; nobody else looks for it.
  const told = known.filter((name) => name !== "work");
  throw new UsageError(
    `${what} has no option ${names}; ${told.length > 0 ? `there are ${told.join(", ")}` : "there are none"}`,
  );
}
