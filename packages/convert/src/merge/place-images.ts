import { type ReadOptions, type Store, UsageError } from "@ozx/core";
import type { Mount } from "./joined-store.js";
import type { PlacedField } from "./plate-documents.js";
import { fieldPath, type InputImage, type MergeInput, readInput } from "./read-inputs.js";
import type { WellPosition } from "./well-positions.js";

/** One of the stores that are merged. */
export interface StoreToMerge {
  readonly store: Store;
  /** Where it belongs in a plate; undefined where that is not known. */
  readonly position?: WellPosition | undefined;
}

/** An input, and where it belongs. */
export type PlacedInput = MergeInput & Pick<StoreToMerge, "position">;

/** An image, and the field of a plate that it becomes. */
export interface PlacedImage {
  readonly field: PlacedField;
  readonly image: InputImage;
}

/** What the inputs contain; no pixels are read. */
export async function readInputs(
  stores: readonly StoreToMerge[],
  options?: ReadOptions,
): Promise<PlacedInput[]> {
  const inputs: PlacedInput[] = [];
  for (const { store, position } of stores) {
    inputs.push({ ...(await readInput(store, options)), position });
  }
  return inputs;
}

/** What a plate has already, and what is said of an input without a position. */
export interface PlaceOptions {
  /** A plate that is there already. */
  readonly plate?: {
    readonly name: string;
    readonly wells: readonly Pick<WellPosition, "row" | "column">[];
    /** The fields of those wells that the inputs may belong to. */
    readonly fields: readonly Pick<WellPosition, "row" | "column" | "field">[];
  };
  /** The way out where the position of an input is not known. */
  readonly unknown: string;
}

/**
 * Gives each image of the inputs a field of a plate; those without one get the next free number of their well.
 *
 * @throws UsageError where two images have one place, or an image has none, naming them
 */
export function placeImages(inputs: readonly PlacedInput[], { plate, unknown }: PlaceOptions): PlacedImage[] {
  // File systems that fold cases would take two names for one.
  const keyOf = (position: WellPosition): string => fieldPath(position).toLowerCase();
  const owners = new Map(plate?.fields.map((field) => [keyOf(field), `the field of ${plate.name}`]));
  const placed: PlacedImage[] = [];
  const waiting: { readonly position: WellPosition; readonly image: InputImage }[] = [];
  const place = (position: WellPosition, field: string, image: InputImage): void => {
    const { row, column } = position;
    const owner = owners.get(keyOf({ ...position, field }));
    if (owner !== undefined) {
      const path = fieldPath({ row, column, field }).slice(1);
      throw new UsageError(`${owner} and ${image.name} would both be ${path}: give each a place of its own`);
    }
    owners.set(keyOf({ ...position, field }), image.name);
    placed.push({ field: { row, column, field, acquisition: position.acquisition }, image });
  };
  for (const input of inputs) {
    for (const image of input.images) {
      const position = positionOf(input, image, unknown);
      if (position.field === undefined) waiting.push({ position, image });
      else place(position, position.field, image);
    }
  }
  for (const { position, image } of waiting) {
    let number = 0;
    while (owners.has(keyOf({ ...position, field: String(number) }))) number++;
    place(position, String(number), image);
  }
  refuseTwoSpellings([...(plate?.wells ?? []), ...placed.map(({ field }) => field)]);
  return placed;
}

/** The fields of those that are images. */
export function fieldsOf(placed: readonly PlacedImage[]): PlacedField[] {
  return placed.filter(({ image }) => image.axes !== undefined).map(({ field }) => field);
}

/** Where the stores of images are joined to a plate. */
export function mountsOf(placed: readonly PlacedImage[]): Mount[] {
  return placed.map(({ field, image: { store } }) => ({ path: fieldPath(field), store }));
}

/**
 * The images of inputs that are images or collections.
 *
 * @param why not others, as the end of a sentence
 */
export function imagesOf(inputs: readonly PlacedInput[], why: string): InputImage[] {
  const nested = inputs.find(({ kind }) => kind === "well" || kind === "plate");
  if (nested !== undefined) throw new UsageError(`${nested.store.name} is a ${nested.kind}, and ${why}`);
  return inputs.flatMap((input) => input.images);
}

/** Where an image of an input belongs; without a field where it gets the next number. */
export function positionOf(
  { store, kind, position }: PlacedInput,
  { own }: InputImage,
  unknown: string,
): WellPosition {
  if (kind === "plate") {
    const { row = "", column = "" } = own;
    return { ...own, row, column };
  }
  if (position === undefined) {
    throw new UsageError(`where ${store.name} belongs in the plate is not known: ${unknown}`);
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
function refuseTwoSpellings(fields: readonly Pick<PlacedField, "row" | "column">[]): void {
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
