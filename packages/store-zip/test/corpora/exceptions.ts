/** A verdict of the manifest that a tolerant reader of Zarr archives does not share, and why. */
export interface Exception {
  readonly verdict: "ok" | "warn" | "error";
  readonly reason: string;
}

export const EXCEPTIONS: Readonly<Record<string, Exception>> = {
  "go/readme.zip": {
    verdict: "error",
    reason:
      "its comment claims a byte more than the file has, which is what an archive cut short inside its comment looks like: every proper prefix of an archive is to be rejected (derived-truncated), and Go refuses this one since go#66869",
  },
  "go/symlink.zip": {
    verdict: "error",
    reason:
      "a symbolic link is listed and never followed; a store that gave its path as the value would give wrong pixels",
  },
};

/** Archives in which Python's zipfile finds other entries than the manifest demands. */
export const PYTHON_ERRS: ReadonlySet<string> = new Set([
  // It takes the last end record, which lies in the comment.
  "libzip/zip-in-archive-comment.zip",
  "libzip/zip64-in-archive-comment.zip",
]);
