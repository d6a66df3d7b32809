import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { WriteFailedError } from "../../errors.js";
import type { AbsolutePath } from "../../store/store.js";
import { writeAllSync } from "../system/write-all.js";

/** The files that are made below a folder, and the folders that they need. */
export interface NewFiles {
  /** Writes a small file; it blocks, which is several times faster than waiting for each. */
  writeSync(key: AbsolutePath, bytes: Uint8Array): void;
  /** Opens a file to be written from its start. */
  open(key: AbsolutePath): Promise<FileHandle>;
}

/**
 * @param replace whether files may be there, of an earlier run that was cut short while it wrote them
 */
export function newFilesIn(folder: string, replace = false): NewFiles {
  const flags = replace ? "w" : "wx";
  const made = new Set<string>();
  const pathFor = (key: AbsolutePath): string => {
    const path = join(folder, key);
    const parent = dirname(path);
    if (!made.has(parent)) {
      // A folder that another run has taken away is not to be made anew.
      if (!existsSync(folder)) throw gone(folder);
      mkdirSync(parent, { recursive: true });
    }
    made.add(parent);
    return path;
  };
  return {
    writeSync(key, bytes) {
      const file = openSync(pathFor(key), flags);
      try {
        writeAllSync(file, bytes);
      } finally {
        closeSync(file);
      }
    },
    open: async (key) => open(pathFor(key), flags),
  };
}

function gone(folder: string): WriteFailedError {
  return new WriteFailedError(
    `${folder} is gone: another run goes on with what was written, or somebody has removed it`,
    { location: folder },
  );
}
