import type { Rule } from "../../findings.js";

/** Rules about nodes. */
export const UNREADABLE_NODE: Rule = {
  id: "zarr-unreadable",
  level: "MUST",
  severity: "error",
  title: "Every metadata document is valid",
  help: "Correct the document or copy it from the original data; the other nodes are not affected.",
  set: "zarr",
};

export const UNSUPPORTED_NODE: Rule = {
  id: "zarr-unsupported",
  level: "policy",
  severity: "warning",
  title: "Every array is stored in a way that this software supports",
  help: "It may be valid, and was not checked; readers that do not know the extension cannot read it.",
  set: "zarr",
};

export const STRICT_JSON: Rule = {
  id: "zarr-strict-json",
  level: "MUST",
  // zarr-python writes it on purpose, and reads it.
  severity: "warning",
  title: "Every metadata document is JSON, which has no NaN and no Infinity",
  help: 'Write them as texts, "NaN" and "Infinity", as ozx convert does; many readers refuse the document.',
  set: "zarr",
};

export const IMPLICIT_GROUP: Rule = {
  id: "zarr-implicit-group",
  level: "MUST",
  severity: "error",
  title: "Every folder above a node is a group with a document of its own",
  help: 'Add a zarr.json with {"zarr_format": 3, "node_type": "group"} there; without it, readers do not find the nodes below.',
  set: "zarr",
};

export const BELOW_ARRAY: Rule = {
  id: "zarr-below-array",
  level: "MUST",
  severity: "error",
  title: "No node lies below an array",
  help: "Move the node out of the array, or remove it if it is a leftover.",
  set: "zarr",
};

export const SHARD_SHAPE: Rule = {
  id: "zarr-shard-shape",
  level: "MUST",
  severity: "error",
  title: "Shards hold a whole number of chunks in every dimension",
  help: "Rewrite the array with a shard shape that is a multiple of its chunk shape.",
  set: "zarr",
};

export const CODEC_LEVEL: Rule = {
  id: "zarr-codec-level",
  level: "MUST",
  severity: "error",
  title: "Compression levels are ones that the codec has in Zarr v3",
  help: "Correct the level in zarr.json, to 6 for gzip; the chunks stay as they are, since no reader needs it to decode them.",
  set: "zarr",
};

export const CODEC_CHAIN: Rule = {
  id: "zarr-codec-chain",
  level: "MUST",
  severity: "error",
  title: "One codec makes bytes of elements, and says in which order where these have several bytes",
  help: "Add the codec bytes with its endian to zarr.json, as the chunks are stored; ozx reads such chunks as little-endian.",
  set: "zarr",
};

export const NODE_FORM: Rule = {
  id: "zarr-node-normal-form",
  level: "policy",
  severity: "warning",
  title: "Names differ by more than their normal form of Unicode",
  help: "Rename one of them: they look the same, and many systems cannot keep both in one folder.",
  set: "zarr",
};

/** Rules about the names of stored objects. */
export const CHUNK_KEYS: Rule = {
  id: "chunk-keys",
  level: "policy",
  severity: "warning",
  title: "Everything in an array's folder is a chunk within its grid",
  help: "Remove keys that are left over from another shape or chunk layout: no reader uses them.",
  set: "zarr",
};

/** Rules about data, which `deep` checks. */
export const CHUNK_READ: Rule = {
  id: "chunk-read",
  level: "MUST",
  severity: "error",
  title: "Every chunk can be read",
  help: "Copy the file again, or the chunk from the original data.",
  set: "zarr",
};

export const CHUNK_DECODES: Rule = {
  id: "chunk-decodes",
  level: "MUST",
  severity: "error",
  title: "Every chunk decodes to the number of elements of its shape",
  help: "The data is damaged: copy the chunk from the original data.",
  set: "zarr",
};

export const SHARD_INDEX: Rule = {
  id: "shard-index",
  level: "MUST",
  severity: "error",
  title: "Every shard has a complete index with a correct checksum",
  help: "The shard is damaged or truncated: copy it from the original data.",
  set: "zarr",
};

export const SHARD_EXTENTS: Rule = {
  id: "shard-extents",
  level: "MUST",
  severity: "error",
  title: "The chunks that a shard's index lists lie within the shard",
  help: "The shard is damaged or truncated: copy it from the original data.",
  set: "zarr",
};

export const SHARD_OVERLAPS: Rule = {
  id: "shard-overlaps",
  level: "policy",
  severity: "error",
  title: "The chunks in a shard do not overlap",
  help: "No writer does this on purpose: copy the shard from the original data.",
  set: "zarr",
};

export const CODEC_UNKNOWN: Rule = {
  id: "codec-unknown",
  level: "policy",
  severity: "info",
  title: "All codecs are supported by this software",
  help: "Its chunks were read, but not decoded; a reader that knows the codec can check them.",
  set: "zarr",
};

export const CHUNK_UNCHECKED: Rule = {
  id: "chunk-unchecked",
  level: "policy",
  severity: "info",
  title: "All chunks can be decoded by this software",
  help: "Its chunks were not decoded; check the array with another reader.",
  set: "zarr",
};

/** Rules that are checked without reading data. */
const METADATA_RULES: readonly Rule[] = [
  UNREADABLE_NODE,
  UNSUPPORTED_NODE,
  STRICT_JSON,
  IMPLICIT_GROUP,
  BELOW_ARRAY,
  SHARD_SHAPE,
  CODEC_LEVEL,
  CODEC_CHAIN,
  NODE_FORM,
  CHUNK_KEYS,
];

const DATA_RULES: readonly Rule[] = [
  CHUNK_READ,
  CHUNK_DECODES,
  SHARD_INDEX,
  SHARD_EXTENTS,
  SHARD_OVERLAPS,
  CODEC_UNKNOWN,
  CHUNK_UNCHECKED,
];

/** The rules that `checkZarr` checks. */
export function zarrRules({ deep = false }: { readonly deep?: boolean | undefined } = {}): readonly Rule[] {
  return deep ? [...METADATA_RULES, ...DATA_RULES] : METADATA_RULES;
}
