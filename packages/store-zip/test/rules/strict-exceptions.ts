import type { Exception } from "../corpora/exceptions.js";

/** Verdicts of the manifest that strict checking does not share, and why. */
export const STRICT_EXCEPTIONS: Readonly<Record<string, Exception>> = {
  "go/readme.zip": {
    verdict: "error",
    reason:
      "its comment claims a byte more than the file has, as in incons-archive-comment-longer.zip, which is to be flagged; Go refuses it since 1.23 (go#66869)",
  },
  "libzip/manyfiles-zip.zip": {
    verdict: "ok",
    reason:
      "nothing is wrong with the archive itself; bigzero-zip.zip, an archive in an archive as well, is to be ok, and RFC-9's own no-nested-zip warns of both",
  },
  "libzip/test-cp437-comment-utf-8.zip": {
    verdict: "error",
    reason: "its names have every character of code page 437 in them, NUL and the backslash too",
  },
  "libzip/test-cp437.zip": {
    verdict: "error",
    reason: "its names have every character of code page 437 in them, NUL and the backslash too",
  },
  "yauzl/success__unicode-path-extra-field.zip": {
    verdict: "warn",
    reason:
      "made by hand to have four Unicode names, three of them wrong, a NUL in the name and a data descriptor that no flag announces; a reader copes with it, a validator tells",
  },
};
