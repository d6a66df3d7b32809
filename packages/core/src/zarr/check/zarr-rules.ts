import type { Rule } from "../../findings.js";

/** Rules about nodes. */
export const UNREADABLE_NODE: Rule = {
  id: "zarr-unreadable",
  level: "MUST",
  severity: "error",
  title: "Every metadata document can be understood",
  help: "Correct the document or copy it from the original data; the other nodes are not spoiled by it.",
  set: "zarr",
};

export const IMPLICIT_GROUP: Rule = {
  id: "zarr-implicit-group",
  level: "MUST",
  severity: "error",
  title: "Every folder above a node is a group with a document of its own",
  help: 'Add a zarr.json with {"zarr_format": 3, "node_type": "group"} there; readers do not find what lies below without it.',
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
  help: "Write the array again with a shard shape that its chunk shape divides.",
  set: "zarr",
};

/** Rules about the names of stored objects. */
export const CHUNK_KEYS: Rule = {
  id: "chunk-keys",
  level: "policy",
  severity: "warning",
  title: "Everything in an array's folder is a chunk within its grid",
  help: "Remove what is left over from another shape or chunk layout: no reader looks at it.",
  set: "zarr",
};

/** Rules about data, for `deep` only. */
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
  title: "Every chunk decodes to the number of elements that its shape has",
  help: "The data is damaged: copy the chunk from the original data.",
  set: "zarr",
};

export const SHARD_INDEX: Rule = {
  id: "shard-index",
  level: "MUST",
  severity: "error",
  title: "Every shard has a whole index whose checksum is right",
  help: "The shard is damaged or cut short: copy it from the original data.",
  set: "zarr",
};

export const SHARD_EXTENTS: Rule = {
  id: "shard-extents",
  level: "MUST",
  severity: "error",
  title: "The chunks that a shard's index lists lie within the shard",
  help: "The shard is damaged or cut short: copy it from the original data.",
  set: "zarr",
};

export const SHARD_OVERLAPS: Rule = {
  id: "shard-overlaps",
  level: "policy",
  severity: "error",
  title: "The chunks in a shard lie beside each other",
  help: "No writer does this on purpose: copy the shard from the original data.",
  set: "zarr",
};

export const CODEC_UNKNOWN: Rule = {
  id: "codec-unknown",
  level: "policy",
  severity: "info",
  title: "All codecs are known to this software",
  help: "Its chunks were read and not decoded; a reader that knows the codec can check them.",
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

/** Every rule that is asked without reading data. */
const METADATA_RULES: readonly Rule[] = [
  UNREADABLE_NODE,
  IMPLICIT_GROUP,
  BELOW_ARRAY,
  SHARD_SHAPE,
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

/** The rules that `checkZarr` asks. */
export function zarrRules({ deep = false }: { readonly deep?: boolean | undefined } = {}): readonly Rule[] {
  return deep ? [...METADATA_RULES, ...DATA_RULES] : METADATA_RULES;
}
