import { validateOmeZarr } from "@ozx/core/validate";
import { ozxFormat } from "@ozx/store-zip";
import { formats, formatsFor, locate } from "../open/open-input.js";
import type { TaskContext, TaskOf, TaskResults } from "./messages.js";

/** With the rules of archives, which are not loaded with the page. */
const checkedFormats = formats.map((format) => (format.id === ozxFormat.id ? ozxFormat : format));

/** Checks a source by all rules, as `ozx validate` does. */
export async function validate(
  { source, deep }: TaskOf<"validate">,
  { signal, onProgress }: TaskContext,
): Promise<TaskResults["validate"]> {
  const input = await locate(source, { signal });
  try {
    // A container is read twice: for its checksums, and to decode its chunks.
    const all = "list" in input ? 0 : input.size * 2;
    const report = await validateOmeZarr(input, {
      ...{ formats: formatsFor(source, checkedFormats), signal, deep },
      onProgress: (done) => onProgress({ done: done.bytes, all }),
    });
    return { report, deep };
  } finally {
    await input.close();
  }
}
