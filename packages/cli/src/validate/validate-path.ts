import { stat } from "node:fs/promises";
import {
  type ByteSource,
  openHttpSource,
  type ReadOptions,
  type Store,
  type ValidateOptions,
  validateOmeZarr,
} from "@ozx/core";
import { openFileSource, openPath } from "@ozx/core/node";
import { formats } from "../formats.js";
import type { Report } from "./report.js";

/**
 * Checks what is at a path or `http(s)` address. A file is not opened as what it is before that: it may be damaged.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError where there is nothing that could be checked, and
 * SourceChangedError where it changes meanwhile
 */
export async function validatePath(
  path: string,
  options: Omit<ValidateOptions, "formats"> = {},
): Promise<Report> {
  const subject = await openSubject(path, options);
  try {
    return { path, ...(await validateOmeZarr(subject, { ...options, formats })) };
  } finally {
    await subject.close();
  }
}

async function openSubject(path: string, { signal }: ReadOptions): Promise<ByteSource | Store> {
  if (/^https?:\/\//i.test(path)) return openHttpSource(path, { signal });
  const found = await stat(path).catch(() => undefined);
  // A folder, or whatever else a person has to be told about.
  return found?.isFile() ? openFileSource(path) : openPath(path, { signal, formats });
}
