/**
 * What a value is, for completion: a path, one of some words, something that the image named earlier on the line has,
 * or nothing that could be listed.
 */
export type ValueKind =
  | { readonly kind: "file" | "folder" | "none" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "image"; readonly part: ImagePart };

/** What of an image can be listed: its nodes, resolution levels, keys, or the positions along an axis. */
export const IMAGE_PARTS = ["node", "level", "key", "t", "c", "z", "y", "x"] as const;
export type ImagePart = (typeof IMAGE_PARTS)[number];

/** The kind of the value of an option (`--codec`), or of an argument of a command (`cat key`): nothing by default. */
export function valueKindOf(name: string): ValueKind {
  return KINDS.get(name) ?? NONE;
}

/** Whether it is said how a value is completed, so that no new one is forgotten. */
export function isValueKindKnown(name: string): boolean {
  return KINDS.has(name);
}

const FILE: ValueKind = { kind: "file" };
const NONE: ValueKind = { kind: "none" };

function words(...list: readonly string[]): ValueKind {
  return { kind: "words", words: list };
}

function image(part: ImagePart): ValueKind {
  return { kind: "image", part };
}

const KINDS: ReadonlyMap<string, ValueKind> = new Map<string, ValueKind>([
  ...["convert input", "convert output", "plan input", "plan output", "run plan", "finish plan"].map(
    (argument) => [argument, FILE] as const,
  ),
  ...["merge paths", "info paths", "ls file", "cat file", "validate paths", "view path", "fix file"].map(
    (argument) => [argument, FILE] as const,
  ),
  ["complete words", NONE],
  ...["append target", "append paths", "thumbnail path", "thumbnail output"].map(
    (argument) => [argument, FILE] as const,
  ),
  ["salvage damaged", FILE],
  ["salvage output", FILE],
  ["edit target", FILE],
  ["verify one", FILE],
  ["verify other", FILE],
  ["ls prefix", image("key")],
  ["cat key", image("key")],
  ["--input", FILE],
  ["--output", FILE],
  ["--out-dir", { kind: "folder" }],
  ["--log", FILE],
  ["--layout", FILE],
  ["--path", image("node")],
  ["--leave-out", image("node")],
  ["--levels", image("level")],
  ...(["t", "c", "z", "y", "x"] as const).map((axis) => [`--${axis}`, image(axis)] as const),
  [
    "--codec",
    words("zstd", "zstd:5", "blosc", "blosc:lz4:5:shuffle", "blosc:zstd:5:shuffle", "gzip:6", "none"),
  ],
  ["--shard", words("auto", "none")],
  ["--chunks", words("y=512,x=512", "z=8,y=512,x=512", "z=64,y=64,x=64")],
  ["--project", words("z=max", "z=mean", "z=sum", "z=min", "t=max")],
  ["--window", words("0..4095", "0..65535")],
  ["--memory", words("512MB", "1GB", "2GB")],
  ["--axes", words("t", "c", "z")],
  ["--header", words("Authorization:")],
  ["--max-metadata", words("64MB", "200MB", "1GB")],
  ["--jobs", NONE],
  ["--parts", NONE],
  ["--part", NONE],
  ["--port", NONE],
  ["--name", NONE],
  ["--well", NONE],
  ["--acquisition", NONE],
  ["--size", NONE],
  ["--along", words("t", "c", "z")],
  ["--scale", NONE],
  ["--unit", words("micrometer", "nanometer", "millimeter")],
  ["--channel", image("c")],
  ["--rename-channel", image("c")],
  ["--drop-channel", image("c")],
  ["--rename-well", image("node")],
  ["--from", FILE],
]);
