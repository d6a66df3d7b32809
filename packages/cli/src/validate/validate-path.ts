import { type ValidateOptions, validateOmeZarr } from "@ozx/core";
import { locate, type OpenPathOptions } from "@ozx/core/node";
import { formats } from "../formats.js";
import type { Report } from "./report.js";

/**
 * Checks what is at a path or address. A file is not opened as what it is before that: it may be damaged.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError where there is nothing that could be checked, and
 * SourceChangedError where it changes meanwhile
 */
export async function validatePath(
  path: string,
  options: Omit<ValidateOptions, "formats"> & Pick<OpenPathOptions, "openHttp"> = {},
): Promise<Report> {
  const located = await locate(path, { ...options, formats });
  const subject = located.kind === "folder" ? located.store : located.source;
  try {
    return { path, ...(await validateOmeZarr(subject, { ...options, formats })) };
  } finally {
    await subject.close();
  }
}
