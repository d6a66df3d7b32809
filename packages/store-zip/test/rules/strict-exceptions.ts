import type { Exception } from "../corpora/exceptions.js";

/** Verdicts of the manifest that strict checking does not share, and why. */
export const STRICT_EXCEPTIONS: Readonly<Record<string, Exception>> = {
  "go/readme.zip": {
    verdict: "error",
    reason:
      "its comment does not end where the file does, which is what an archive cut short or added to looks like; Go refuses it too since 1.23 (go#66869)",
  },
  "libzip/extra_field_align_1-ef_ff.zip": {
    verdict: "warn",
    reason:
      "a byte of an extra field belongs to no block, as in extra_field_align_1-ff.zip, which is to be flagged",
  },
  "libzip/extra_field_align_2-ef_ff.zip": {
    verdict: "warn",
    reason: "two bytes of an extra field belong to no block, as in extra_field_align_2-ff.zip",
  },
  "libzip/extra_field_align_3-ef_ff.zip": {
    verdict: "warn",
    reason: "three bytes of an extra field belong to no block, as in extra_field_align_3-ff.zip",
  },
  "libzip/incons-ef-local-id.zip": {
    verdict: "ok",
    reason:
      "only the id of an extra field that decides nothing differs between the two headers; many writers put other fields into the one than into the other, and libzip's own check passes it",
  },
  "libzip/manyfiles-zip.zip": {
    verdict: "ok",
    reason:
      "nothing is wrong with the archive itself, and what is deflated in it is not looked at as an archive",
  },
  "libzip/test-cp437-comment-utf-8.zip": {
    verdict: "error",
    reason: "its names have every character of code page 437 in them, NUL and the backslash too",
  },
  "libzip/test-cp437.zip": {
    verdict: "error",
    reason: "its names have every character of code page 437 in them, NUL and the backslash too",
  },
  "libzip/teststdin.zip": {
    verdict: "warn",
    reason: "a ZIP64 field in the local header without the sentinels that it stands in for (APPNOTE 4.5.3)",
  },
  "yauzl/success__unicode-path-extra-field.zip": {
    verdict: "warn",
    reason:
      "made by hand to have four Unicode names, three of them wrong, a NUL in the name and a data descriptor that no flag announces; a reader copes with it, a validator tells",
  },
};
