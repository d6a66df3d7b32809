import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { mergeStores, parseLayout, positionInName, type StoreToMerge, type WellPosition } from "@ozx/convert";
import { refuseInside } from "@ozx/convert/node";
import { type Store, UsageError } from "@ozx/core";
import { formatFirst, plural, redactAddress } from "@ozx/core/internal";
import { isAddress, pathOrAddress, readFailure } from "@ozx/core/internal/node";
import { openPath } from "@ozx/core/node";
import { formats } from "../formats.js";
import type { InputOpener, InputOpening } from "../options/http-options.js";
import { PIPE } from "./conversion-request.js";

/** An input of a merge, and where it belongs. */
export interface PlacedInput {
  readonly input: string;
  readonly position: WellPosition | undefined;
}

/** Where inputs belong that no layout and no name places. */
export interface PlaceInputsOptions {
  /** The well of all inputs; their names do not count then. */
  readonly well?: WellPosition | undefined;
  /** The acquisition of those that the layout gives none. */
  readonly acquisition?: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * The inputs with their positions: from a layout, or else from their names.
 *
 * @param inputs without any, those of the layout
 * @param layout the path of a table; see `parseLayout`
 * @throws UsageError where an input is given twice, two have the same name, or a path of the layout is no input
 */
export async function placeInputs(
  inputs: readonly string[],
  layout: string | undefined,
  { well, acquisition, signal }: PlaceInputsOptions,
): Promise<PlacedInput[]> {
  refuseTwice(inputs);
  const withAcquisition = (position: WellPosition | undefined): WellPosition | undefined =>
    position && { acquisition, ...position };
  if (well !== undefined) return inputs.map((input) => ({ input, position: withAcquisition(well) }));
  if (layout === undefined) {
    const named = inputs.map((input) => ({
      input,
      position: withAcquisition(positionInName(pathOrAddress(input))),
    }));
    refuseOnePosition(named);
    return named;
  }
  const text = await readFile(layout, { encoding: "utf8", signal }).catch((error: unknown) => {
    throw readFailure(error, layout);
  });
  const lines = new Map<string, ReturnType<typeof parseLayout>[number]>();
  for (const line of parseLayout(text, layout)) {
    const path = absolute(line.path, dirname(layout));
    if (lines.has(path)) throw new UsageError(`${line.path} is in ${layout} twice: an image has one place`);
    lines.set(path, line);
  }
  if (inputs.length === 0)
    return [...lines].map(([input, position]) => ({ input, position: withAcquisition(position) }));
  const placed = inputs.map((input): PlacedInput => {
    const path = absolute(input, ".");
    const position = lines.get(path);
    lines.delete(path);
    return { input, position: withAcquisition(position) };
  });
  const [left] = lines.values();
  if (left !== undefined) {
    throw new UsageError(
      `${plural(lines.size, "path")} of ${layout} ${lines.size === 1 ? "is" : "are"} not among the inputs, ${left.path} for one: paths are relative to the folder of ${layout}`,
    );
  }
  return placed;
}

function refuseTwice(inputs: readonly string[]): void {
  const seen = new Set<string>();
  for (const input of inputs) {
    const path = absolute(input, ".");
    if (seen.has(path)) throw new UsageError(`${redactAddress(input)} is given twice: leave out one of them`);
    seen.add(path);
  }
}

/** Refuses names that tell the same position: what is a field of a well, and which, only a layout can say. */
function refuseOnePosition(inputs: readonly PlacedInput[]): void {
  const owners = new Map<string, string>();
  for (const { input, position } of inputs) {
    if (position === undefined) continue;
    const { row, column, field } = position;
    const place = field === undefined ? `${row}/${column}` : `${row}/${column}/${field}`;
    const owner = owners.get(place);
    if (owner !== undefined) {
      throw new UsageError(
        `${redactAddress(owner)} and ${redactAddress(input)} would both be ${place}: give each a place of its own with --layout`,
      );
    }
    owners.set(place, input);
  }
}

function absolute(path: string, folder: string): string {
  const location = pathOrAddress(path);
  return isAddress(location) ? location : resolve(folder, location);
}

/** How inputs are merged. */
export interface MergeRequest {
  readonly output: string;
  readonly name: string | undefined;
  readonly collection: boolean;
  readonly anyVersion: boolean;
  readonly http: InputOpening;
}

/**
 * Opens inputs as one store. All of them stay open until it is closed.
 *
 * @throws UsageError for an output inside an input, and what `mergeStores` throws
 */
export async function openMerged(
  inputs: readonly PlacedInput[],
  { output, http, ...options }: MergeRequest,
  opening: Parameters<InputOpener>[0],
): Promise<Store> {
  const opened = await openInputs(inputs, { output, http }, opening);
  try {
    return await mergeStores(opened, { ...options, signal: opening.signal });
  } catch (error) {
    await Promise.all(opened.map(({ store }) => store.close()));
    throw error;
  }
}

/**
 * Opens inputs. The caller closes them.
 *
 * @throws UsageError for an output inside an input
 */
export async function openInputs(
  inputs: readonly PlacedInput[],
  { output, http }: Pick<MergeRequest, "output" | "http">,
  { workers, signal }: Parameters<InputOpener>[0],
): Promise<StoreToMerge[]> {
  const opened: StoreToMerge[] = [];
  try {
    for (const { input, position } of inputs) {
      const store = await openPath(input, { formats, signal, workers, wholeIndex: true, ...http });
      opened.push({ store, position });
      if (output !== PIPE) await refuseInside(input, output);
    }
    return opened;
  } catch (error) {
    await Promise.all(opened.map(({ store }) => store.close()));
    throw error;
  }
}

/** The inputs as the name of one, for messages. */
export function nameOfInputs(inputs: readonly PlacedInput[]): string {
  return formatFirst(inputs.map(({ input }) => redactAddress(input)));
}
