import { stat } from "node:fs/promises";
import { type ByteSource, formatBytes, type ReadOptions, SourceChangedError } from "@ozx/core";
import { lockPath, openTailFile } from "@ozx/core/node";
import { fixTail } from "@ozx/store-zip";
import type { Output } from "../terminal/output.js";
import type { Fixable } from "./fixable.js";

/** Writes the end of an archive again, where it lies. */
export async function mendTail(
  path: string,
  { source }: Fixable,
  out: Output,
  options: ReadOptions,
): Promise<void> {
  const unlock = await lockPath(path);
  try {
    await mendLocked(path, source, out, options);
  } finally {
    await unlock();
  }
}

async function mendLocked(
  path: string,
  source: ByteSource,
  out: Output,
  options: ReadOptions,
): Promise<void> {
  const { size } = await stat(path);
  if (size !== source.size) {
    throw new SourceChangedError(`${path} was changed while it was looked at: run fix again`, {
      location: path,
    });
  }
  const file = await openTailFile(path);
  try {
    const { wasted } = await fixTail(source, file, options);
    if (wasted > 0) {
      out.note(
        `${path}: ${formatBytes(wasted)} in it belong to no entry any more; a new file (-o) is smaller`,
      );
    }
  } finally {
    await file.close();
  }
}
