import type { AbsolutePath } from "@ozx/core";
import fc from "fast-check";
import { encodeChain } from "./encode-chain.js";
import { arrayDocument, encodeJson, groupDocument } from "./small-image.js";

type Json = { readonly [name: string]: unknown };

/** What may be found where a level should be. */
export type LevelState = "whole" | "missing" | "damaged";

/** An image as other programs write it, or leave it. */
export interface ForeignImage {
  readonly values: Map<AbsolutePath, Uint8Array>;
  readonly zarrFormat: 2 | 3;
  /** As it is written; undefined where it is not. */
  readonly version: string | number | undefined;
  /** Levels by their number in the metadata: their paths, what is found there, and their shape. */
  readonly levels: readonly {
    readonly path: AbsolutePath;
    readonly state: LevelState;
    readonly shape: readonly number[];
  }[];
  /** The value of the first pixel of each level that is whole. */
  readonly first: number;
}

const VERSIONS_V3 = [
  "0.5",
  "0.6",
  "0.6rc0",
  "0.6.dev2",
  "0.7",
  "0.9.dev1",
  "0.9.dev2",
  "foo",
  0.5,
  undefined,
];
const VERSIONS_V2 = ["0.1", "0.2", "0.3", "0.4", "0.4-dev-spatialdata", "0.4rc1", 0.4, undefined];
const AXES = ["yx", "zyx", "cyx", "tczyx"] as const;

/** How the chunks of arrays in Zarr v3 are stored. */
const STORAGES = ["chunks", "shards", "shards in shards", "gzip around shards"] as const;

/** The name of a label image in two normal forms of Unicode. */
const NAMES = { composed: "zellk\u00f6rper", decomposed: "zellko\u0308rper" } as const;

/**
 * Images of the kinds that strangers' files had and ours have not: other versions, levels that are missing or damaged,
 * names in other normal forms, arrays of which next to nothing is stored, NaN where JSON has none, groups that lack
 * documents or versions, and shards of all kinds.
 */
export function foreignImages(): fc.Arbitrary<ForeignImage> {
  const isSometimes = fc.integer({ min: 0, max: 4 }).map((n) => n === 0);
  const state = fc.integer({ min: 0, max: 11 }).map((n): LevelState => {
    return n === 0 ? "missing" : n === 1 ? "damaged" : "whole";
  });
  return fc
    .record({
      zarrFormat: fc.constantFrom<2 | 3>(2, 3),
      pick: fc.nat(),
      axes: fc.constantFrom(...AXES),
      states: fc.array(state, { minLength: 1, maxLength: 3 }),
      extent: fc.constantFrom(4, 8, 12, 10 ** 6, 2 ** 31),
      dtype: fc.constantFrom("uint16", "float32", "float16"),
      storage: fc.constantFrom(...STORAGES),
      label: fc.constantFrom(undefined, "composed", "decomposed", "other form"),
      lax: fc.constantFrom(undefined, undefined, undefined, "root", "level"),
      lacksLabels: isSometimes,
      lacksVersion: isSometimes,
      lacksNames: isSometimes,
    })
    .map(buildImage);
}

interface Choice {
  readonly zarrFormat: 2 | 3;
  readonly pick: number;
  readonly axes: (typeof AXES)[number];
  readonly states: readonly LevelState[];
  readonly extent: number;
  readonly dtype: string;
  readonly storage: (typeof STORAGES)[number];
  readonly label: "composed" | "decomposed" | "other form" | undefined;
  readonly lax: "root" | "level" | undefined;
  readonly lacksLabels: boolean;
  readonly lacksVersion: boolean;
  readonly lacksNames: boolean;
}

function buildImage(choice: Choice): ForeignImage {
  const { zarrFormat, pick, states, extent, axes, label, lax } = choice;
  const versions = zarrFormat === 3 ? VERSIONS_V3 : VERSIONS_V2;
  const version = versions[pick % versions.length];
  const values = new Map<AbsolutePath, Uint8Array>();
  const levels = states.map((state, number) => ({
    path: `/${number}` as AbsolutePath,
    state,
    shape: [...axes].map((axis) => (axis === "y" || axis === "x" ? Math.max(4, extent >> number) : 2)),
  }));
  const metadata = describe(choice, version);
  putGroup(values, "/", metadata, zarrFormat, lax === "root");
  for (const { path, state, shape } of levels) {
    if (state !== "missing") putArray(values, path, shape, choice, lax === "level");
    const key: AbsolutePath = zarrFormat === 3 ? `${path}/zarr.json` : `${path}/.zarray`;
    if (state === "damaged") values.set(key, encodeJson({ zarr_format: zarrFormat, node_type: "array" }));
  }
  if (label !== undefined) putLabels(values, choice, metadata, version);
  return { values, zarrFormat, version, levels, first: FIRST };
}

const FIRST = 7;

/** The OME-Zarr metadata of an image: the content of `ome`, or the flat attributes of Zarr v2. */
function describe({ zarrFormat, axes, states }: Choice, version: string | number | undefined): Json {
  const typeOf = (axis: string): string => ({ t: "time", c: "channel" })[axis] ?? "space";
  const described = [...axes].map((name) => ({ name, type: typeOf(name) }));
  const hasSystems = typeof version === "string" && /^0\.[679]/.test(version);
  const datasets = states.map((_, level) => {
    const path = String(level);
    const scale = {
      type: "scale",
      scale: [...axes].map((axis) => (typeOf(axis) === "space" ? 2 ** level : 1)),
    };
    const ends =
      version === "0.6.dev2" ? { input: path, output: "own" } : { input: { path }, output: { name: "own" } };
    return { path, coordinateTransformations: [hasSystems ? { ...scale, ...ends } : scale] };
  });
  const named = { name: "image", type: "mean", metadata: {} };
  if (hasSystems) {
    return {
      version,
      multiscales: [{ ...named, coordinateSystems: [{ name: "own", axes: described }], datasets }],
    };
  }
  const isOld = version === "0.1" || version === "0.2" || version === "0.3";
  const plain = states.map((_, level) => ({ path: String(level) }));
  const multiscale = {
    ...named,
    ...(isOld ? version === "0.3" && { axes: [...axes] } : { axes: described }),
    datasets: isOld ? plain : datasets,
  };
  return zarrFormat === 3
    ? { version, multiscales: [multiscale] }
    : { multiscales: [{ ...multiscale, version }] };
}

function putLabels(
  values: Map<AbsolutePath, Uint8Array>,
  choice: Choice,
  metadata: Json,
  version: string | number | undefined,
): void {
  const { zarrFormat, label, states, lacksLabels, lacksVersion } = choice;
  const name = label === "decomposed" ? NAMES.decomposed : NAMES.composed;
  const listed = label === "other form" ? NAMES.decomposed : name;
  const own: AbsolutePath = `/labels/${name}`;
  if (!lacksLabels) {
    const list = { labels: [listed], ...(zarrFormat === 3 && !lacksVersion && { version }) };
    putGroup(values, "/labels", list, zarrFormat, false);
  }
  putGroup(
    values,
    own,
    { ...metadata, "image-label": { colors: [{ "label-value": 1 }] } },
    zarrFormat,
    false,
  );
  for (const level of states.keys()) {
    const shape = [...choice.axes].map(() => 4);
    putArray(values, `${own}/${level}`, shape, { ...choice, dtype: "uint16" }, false);
  }
}

function putGroup(
  values: Map<AbsolutePath, Uint8Array>,
  path: AbsolutePath,
  metadata: Json,
  zarrFormat: 2 | 3,
  isLax: boolean,
): void {
  const at = (name: string): AbsolutePath => (path === "/" ? `/${name}` : `${path}/${name}`);
  const attributes = { ...(zarrFormat === 3 ? { ome: metadata } : metadata), ...(isLax && { most: LAX }) };
  if (zarrFormat === 3) values.set(at("zarr.json"), bare(groupDocument(attributes)));
  else {
    values.set(at(".zgroup"), encodeJson({ zarr_format: 2 }));
    values.set(at(".zattrs"), bare(attributes));
  }
}

function putArray(
  values: Map<AbsolutePath, Uint8Array>,
  path: AbsolutePath,
  shape: readonly number[],
  { zarrFormat, dtype, storage, axes, lacksNames }: Choice,
  isLax: boolean,
): void {
  const grid = shape.map((extent) => Math.min(extent, 4));
  const itemSize = dtype === "float32" ? 4 : 2;
  const bytes = new Uint8Array(grid.reduce((all, extent) => all * extent, itemSize));
  // 7 as a float32, a float16 and an integer.
  bytes.set({ float32: [0, 0, 0xe0, 0x40], float16: [0, 0x47] }[dtype] ?? [FIRST, 0]);
  const attributes = isLax ? { most: LAX } : {};
  if (zarrFormat === 2) {
    const type = { float32: "<f4", float16: "<f2" }[dtype] ?? "<u2";
    const zarray = { zarr_format: 2, shape, chunks: grid, dtype: type, compressor: null, filters: null };
    values.set(
      `${path}/.zarray`,
      encodeJson({ ...zarray, fill_value: 0, order: "C", dimension_separator: "/" }),
    );
    if (isLax) values.set(`${path}/.zattrs`, bare(attributes));
    values.set(`${path}/${grid.map(() => 0).join("/")}`, bytes);
    return;
  }
  const codecs = codecsOf(storage, grid);
  const document = {
    ...{ data_type: dtype, codecs, attributes, fill_value: 0 },
    chunk_grid: { name: "regular", configuration: { chunk_shape: grid } },
    ...(!lacksNames && { dimension_names: [...axes] }),
  };
  values.set(`${path}/zarr.json`, bare(arrayDocument({ shape, document })));
  values.set(
    `${path}/c/${grid.map(() => 0).join("/")}`,
    encodeChain(codecs, { bytes, shape: grid, itemSize }),
  );
}

function codecsOf(storage: Choice["storage"], grid: readonly number[]): readonly Json[] {
  const plain = { name: "bytes", configuration: { endian: "little" } };
  const gzip = { name: "gzip", configuration: { level: 1 } };
  const shards = (shape: readonly number[], codecs: readonly Json[]): Json => ({
    name: "sharding_indexed",
    configuration: { chunk_shape: shape, codecs, index_codecs: [plain, { name: "crc32c" }] },
  });
  const halves = grid.map((extent) => extent / 2);
  switch (storage) {
    case "chunks":
      return [plain, gzip];
    case "shards":
      return [shards(halves, [plain, gzip])];
    case "shards in shards":
      return [
        shards(halves, [
          shards(
            grid.map(() => 1),
            [plain],
          ),
        ]),
      ];
    default:
      return [shards(halves, [plain]), gzip];
  }
}

/** Stands for a bare NaN until the document is written. */
const LAX = "\u0001NaN";

function bare(document: Json): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document).replaceAll('"\\u0001NaN"', "NaN"));
}
