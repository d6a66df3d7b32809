import { type AbsolutePath, type Finding, type ReadOptions, type Store, UsageError } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { plural } from "@ozx/core/internal";
import { joinStores, type Mount } from "./joined-store.js";
import { collectionDocuments, type PlacedField, plateDocuments } from "./plate-documents.js";
import { fieldPath, type InputImage, type MergeInput, readInput } from "./read-inputs.js";
import type { WellPosition } from "./well-positions.js";

/** One of the stores that are merged. */
export interface StoreToMerge {
  readonly store: Store;
  /** Where it belongs in a plate; undefined where that is not known. */
  readonly position?: WellPosition | undefined;
}

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
  const inputs: (MergeInput & Pick<StoreToMerge, "position">)[] = [];
  for (const { store, position } of stores) {
    inputs.push({ ...(await readInput(store, options)), position });
  }
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

type PlacedInput = MergeInput & Pick<StoreToMerge, "position">;

function asCollection(inputs: readonly PlacedInput[], style: MergeInput): Merged {
  const nested = inputs.find(({ kind }) => kind === "well" || kind === "plate");
  if (nested !== undefined) {
    throw new UsageError(
      `${nested.store.name} is a ${nested.kind}, and its position in a plate is not known: give a layout, or names such as B/03.ozx`,
    );
  }
  const images = inputs.flatMap((input) => input.images);
  const mounts = images.map(({ store }, k): Mount => ({ path: `/${k}`, store }));
  return { mounts, documents: collectionDocuments(images.length, style) };
}

function asPlate(inputs: readonly PlacedInput[], style: MergeInput, { name }: MergeOptions): Merged {
  const owners = new Map<string, string>();
  const placed: { readonly field: PlacedField; readonly image: InputImage }[] = [];
  const waiting: { readonly position: WellPosition; readonly image: InputImage }[] = [];
  const place = (position: WellPosition, field: string, image: InputImage): void => {
    const { row, column } = position;
    const path = fieldPath({ row, column, field });
    // File systems that fold cases would take two names for one.
    const owner = owners.get(path.toLowerCase());
    if (owner !== undefined) {
      throw new UsageError(
        `${owner} and ${image.name} would both be ${path.slice(1)}: give each a place of its own in the layout`,
      );
    }
    owners.set(path.toLowerCase(), image.name);
    placed.push({ field: { row, column, field, acquisition: position.acquisition }, image });
  };
  for (const input of inputs) {
    for (const image of input.images) {
      const position = positionOf(input, image);
      if (position.field === undefined) waiting.push({ position, image });
      else place(position, position.field, image);
    }
  }
  for (const { position, image } of waiting) {
    let number = 0;
    while (owners.has(fieldPath({ ...position, field: String(number) }).toLowerCase())) number++;
    place(position, String(number), image);
  }
  refuseTwoSpellings(placed.map(({ field }) => field));
  const fields = placed.filter(({ image }) => image.axes !== undefined).map(({ field }) => field);
  const acquisitions = inputs.flatMap((input) => input.acquisitions);
  return {
    mounts: placed.map(({ field, image: { store } }): Mount => ({ path: fieldPath(field), store })),
    documents: plateDocuments(fields, { name, acquisitions }, style),
  };
}

/** Where an image of an input belongs. */
function positionOf({ store, kind, position }: PlacedInput, { own }: InputImage): WellPosition {
  if (kind === "plate") {
    const { row = "", column = "" } = own;
    return { ...own, row, column };
  }
  if (position === undefined) {
    throw new UsageError(
      `where ${store.name} belongs in the plate is not known: name it as in B/03/0.ozx or B03.ozx, list it in a layout, or make a collection with --collection`,
    );
  }
  if (kind === "bioformats2raw") {
    throw new UsageError(
      `${store.name} is a collection, not a field or a well: take an image out of it first, with ozx convert --path`,
    );
  }
  if (kind === "image") return position;
  if (position.field !== undefined) {
    throw new UsageError(
      `${store.name} is a well, whose fields have names already, and is placed as field ${position.field}: leave the field out`,
    );
  }
  return { ...position, ...own, acquisition: own.acquisition ?? position.acquisition };
}

/** Refuses B/3 beside B/03: viewers would show two wells where there is one. */
function refuseTwoSpellings(fields: readonly PlacedField[]): void {
  const wells = new Map<string, string>();
  for (const { row, column } of fields) {
    const known = `${row.toUpperCase()}/${column.replace(/^0+(?=\d)/, "")}`;
    const well = `${row}/${column}`;
    const other = wells.get(known) ?? well;
    if (other !== well) {
      throw new UsageError(
        `${other} and ${well} are two spellings of one well: use one of them for all fields`,
      );
    }
    wells.set(known, well);
  }
}

function refuseVersions(inputs: readonly MergeInput[]): void {
  const [first] = inputs;
  const other = inputs.find(({ version }) => version !== first?.version);
  if (first === undefined || other === undefined) return;
  throw new UsageError(
    `${first.store.name} is OME-Zarr ${first.version} and ${other.store.name} ${other.version}: all images of a plate or collection have one version; give --ome-zarr-version, or convert one of them first`,
  );
}

function refuseFormats(inputs: readonly MergeInput[]): void {
  const [first] = inputs;
  const other = inputs.find(({ zarrFormat }) => zarrFormat !== first?.zarrFormat);
  if (first === undefined || other === undefined) return;
  const old = first.zarrFormat === 2 ? first : other;
  throw new UsageError(
    `${old.store.name} is OME-Zarr ${old.version}, and not all others are: convert it to an .ozx first`,
  );
}

/** Says that viewers may not show all images side by side. */
function axesFindings(images: readonly InputImage[]): Finding[] {
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

function nameOf(stores: readonly StoreToMerge[]): string {
  const [first] = stores;
  const others = stores.length - 1;
  return others === 0 ? (first?.store.name ?? "") : `${first?.store.name} and ${plural(others, "other")}`;
}
