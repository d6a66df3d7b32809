import { type AbsolutePath, type Finding, type ReadOptions, type Store, UsageError } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { formatFirst } from "@ozx/core/internal";
import { joinStores, type Mount } from "./joined-store.js";
import {
  fieldsOf,
  imagesOf,
  mountsOf,
  type PlacedInput,
  placeImages,
  readInputs,
  type StoreToMerge,
} from "./place-images.js";
import { collectionDocuments, plateDocuments } from "./plate-documents.js";
import type { InputImage, MergeInput } from "./read-inputs.js";

/** How stores are merged. */
export interface MergeOptions extends ReadOptions {
  /** The name of a plate; none by default. */
  readonly name?: string | undefined;
  /** Whether a collection is made, although positions may be known. */
  readonly collection?: boolean | undefined;
  /** Whether the inputs may have several versions, because the output gets another one anyway. */
  readonly anyVersion?: boolean | undefined;
}

/**
 * Images, wells and plates that were made apart, as one plate: a store to convert. What has no position becomes a
 * bioformats2raw collection, if nothing has one. All values, chunks of any codec among them, are those of the inputs; only
 * the documents above the images are new. Closing it closes the stores.
 *
 * @throws UsageError where two fields have one place, some lack one, or versions differ, naming the inputs
 * @throws UnknownFormatError, UnsupportedError, InvalidMetadataError for an input that cannot be merged
 */
export async function mergeStores(
  stores: readonly StoreToMerge[],
  options: MergeOptions = {},
): Promise<Store> {
  const inputs = await readInputs(stores, options);
  const [first] = inputs;
  if (first === undefined) throw new UsageError("there is nothing to merge: give several images or wells");
  if (!options.anyVersion) refuseVersions(inputs);
  refuseFormats(inputs);
  const placed = inputs.filter(({ kind, position }) => kind === "plate" || position !== undefined);
  const isPlate = !options.collection && placed.length > 0;
  const { mounts, documents } = isPlate ? asPlate(inputs, first, options) : asCollection(inputs, first);
  return joinStores(nameOf(stores), {
    mounts,
    documents: memoryStore(documents, nameOf(stores)),
    sources: stores.map(({ store }) => store),
    findings: axesFindings(inputs.flatMap(({ images }) => images)),
  });
}

interface Merged {
  readonly mounts: readonly Mount[];
  readonly documents: Map<AbsolutePath, Uint8Array>;
}

function asCollection(inputs: readonly PlacedInput[], style: MergeInput): Merged {
  const images = imagesOf(
    inputs,
    "its position in a plate is not known: give a layout, or names such as B/03.ozx",
  );
  const mounts = images.map(({ store }, k): Mount => ({ path: `/${k}`, store }));
  return {
    mounts,
    documents: collectionDocuments(
      images.map((_, k) => String(k)),
      style,
    ),
  };
}

function asPlate(inputs: readonly PlacedInput[], style: MergeInput, { name }: MergeOptions): Merged {
  const placed = placeImages(inputs, { unknown: UNKNOWN_POSITION });
  const acquisitions = inputs.flatMap((input) => input.acquisitions);
  return {
    mounts: mountsOf(placed),
    documents: plateDocuments(fieldsOf(placed), { name, acquisitions }, style),
  };
}

const UNKNOWN_POSITION =
  "name it as in B/03/0.ozx or B03.ozx, list it in a layout, or make a collection with --collection";

function refuseVersions(inputs: readonly MergeInput[]): void {
  const [first] = inputs;
  const other = inputs.find(({ version }) => version !== first?.version);
  if (first === undefined || other === undefined) return;
  throw new UsageError(
    `${first.store.name} is OME-Zarr ${first.version} and ${other.store.name} ${other.version}: all images of a plate or collection have one version; give --ome-zarr-version, or convert one of them first`,
  );
}

/** Refuses Zarr v2 beside v3: the documents above the images are in one format. */
export function refuseFormats(inputs: readonly MergeInput[]): void {
  const [first] = inputs;
  const other = inputs.find(({ zarrFormat }) => zarrFormat !== first?.zarrFormat);
  if (first === undefined || other === undefined) return;
  const old = first.zarrFormat === 2 ? first : other;
  throw new UsageError(
    `${old.store.name} is OME-Zarr ${old.version}, and not all others are: convert it to an .ozx first`,
  );
}

/** Says that viewers may not show all images side by side. */
export function axesFindings(images: readonly InputImage[]): Finding[] {
  const known = images.filter(({ axes }) => axes !== undefined);
  const textOf = ({ axes = [] }: InputImage): string => axes.join("");
  const [first] = known;
  const other = known.find((image) => first && textOf(image) !== textOf(first));
  if (first === undefined || other === undefined) return [];
  return [
    {
      rule: "axes-differ",
      level: "policy",
      severity: "warning",
      where: "/",
      message: `The axes of the images differ: ${first.name} has ${textOf(first)}, ${other.name} has ${textOf(other)}.`,
      help: "Viewers show the fields of a plate side by side, which needs the same axes: write the images again with the same ones.",
    },
  ];
}

/** Stores as the name of one, for messages. */
export function nameOf(stores: readonly StoreToMerge[]): string {
  return formatFirst(stores.map(({ store }) => store.name));
}
