import { formatBytes, type ReadOptions } from "@ozx/core";
import { openTailFile } from "@ozx/core/node";
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
