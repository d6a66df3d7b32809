import { validateOmeZarr } from "@ozx/core";
import { formats, locate } from "../open/open-input.js";
import type { TaskContext, TaskOf, TaskResults } from "./messages.js";

/** Asks every rule, as `ozx validate` does. */
export async function validate(
  { source, deep }: TaskOf<"validate">,
  { signal, onProgress }: TaskContext,
): Promise<TaskResults["validate"]> {
  const subject = await locate(source, { signal });
  try {
    // A container is read twice: for its checksums, and to decode what is in it.
    const all = "list" in subject ? 0 : subject.size * 2;
    const report = await validateOmeZarr(subject, {
      ...{ formats, signal, deep },
      onProgress: (done) => onProgress({ done: done.bytes, all }),
    });
    return { report, deep };
  } finally {
    await subject.close();
  }
}
