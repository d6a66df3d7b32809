/** Rules that rewriting the end of the file satisfies. */
export const BY_TAIL: ReadonlySet<string> = new Set([
  "zip-eocd",
  "trailing-bytes",
  "zip64-wellformed",
  "zip64-archive",
  "zip64-entries",
  "zip64-agree",
  "duplicates",
  "root-first-cd",
  "json-before-data",
  "bfs-order",
  "comment-json",
  "comment-version",
  "comment-tolerance",
  "comment-size",
  "jsonfirst-type",
  "jsonfirst-true-but-false",
  "jsonfirst-unclaimed",
  "orphan-local",
  "dir-entries",
]);

/** Rules that a new file satisfies. */
export const BY_DATA: ReadonlySet<string> = new Set([
  "not-multipart",
  "prefix-bytes",
  "stored",
  "root-zarr-json",
  "root-first-local",
  "json-before-data",
  "bfs-order",
  "zip64-wellformed",
  "extra-wellformed",
  "data-descriptor",
  "zip-version",
  "name-encoding",
  "name-backslash",
]);

/** Also what RFC-9 recommends in only one interpretation, and what only wastes space. */
export const BY_DATA_STRICTLY: ReadonlySet<string> = new Set([
  ...BY_DATA,
  "zip64-entries",
  "orphan-local",
  "extra-fields",
]);
