/** A verdict of the manifest that a tolerant reader of Zarr archives does not share, and why. */
export interface Exception {
  readonly verdict: "ok" | "warn" | "error";
  readonly reason: string;
}

export const EXCEPTIONS: Readonly<Record<string, Exception>> = {
  "go/readme.zip": {
    verdict: "error",
    reason:
      "its comment claims a byte more than the file has, which is what an archive cut short inside its comment looks like; Go refuses it too since go#66869",
  },
  "go/symlink.zip": {
    verdict: "error",
    reason: "symbolic links are listed and never followed; their value is a path and no data",
  },
};

/** Archives in which Python's zipfile finds other entries than the manifest demands. */
export const PYTHON_ERRS: ReadonlySet<string> = new Set([
  // It takes the last end record, which lies in the comment.
  "libzip/zip-in-archive-comment.zip",
  "libzip/zip64-in-archive-comment.zip",
]);
