import type { AbsolutePath } from "../store/store.js";
import type { ReadContext } from "./context.js";
import { OUTSIDE_PATH, UNREADABLE_PART } from "./problem.js";
import { resolvePath } from "./resolve-path.js";
import { spell } from "./values.js";

/**
 * The path that a member of a node's metadata means, or undefined, with a problem told, where it means none.
 *
 * @param what the member, for the message, as in `A well of the plate /`
 */
export function readPath(
  reference: unknown,
  what: string,
  { path, report }: Pick<ReadContext, "path" | "report">,
): AbsolutePath | undefined {
  if (typeof reference !== "string") {
    report(UNREADABLE_PART, `${what} has no path that is a text: ${spell(reference)}.`);
    return undefined;
  }
  const resolved = resolvePath(path, reference);
  if (resolved === undefined) {
    report(OUTSIDE_PATH, `${what} has a path that leads out of the hierarchy: ${spell(reference)}.`);
  }
  return resolved;
}
