import {
  checkOutput,
  hideDamage,
  needsOfVersion,
  planTransfer,
  planVersion,
  selectView,
  type TransferPlan,
  type TransferSelection,
} from "@ozx/convert";
import {
  type Destination,
  destinationFor,
  type FreeSpace,
  freeSpaceFor,
  refuseInside,
} from "@ozx/convert/node";
import {
  type ChunkWorkers,
  DestinationExistsError,
  type Finding,
  isOzxError,
  type OzxError,
  type ReadOptions,
  type Store,
} from "@ozx/core";
import { formatBytes, plural } from "@ozx/core/internal";
import { openPath } from "@ozx/core/node";
import { formats } from "../formats.js";
import { checkAxesFit } from "../options/axes-option.js";
import { formatSelection } from "../options/transfer-options.js";
import { renderDamage } from "../render/lost-values.js";
import { oneOfEachKind } from "../render/one-of-each-kind.js";
import { renderTransferPlan } from "../render/transfer-plan.js";
import type { Output } from "../terminal/output.js";
import { type ConvertRequest, PIPE } from "./conversion-request.js";
import { describeLeftover, describeResumable } from "./leftovers.js";
import { type SoundStore, withoutDamage } from "./without-damage.js";

/** What a conversion writes, and where to. The damage that is left out is undefined where it was not looked for. */
export interface Conversion extends Partial<Omit<SoundStore, "store">> {
  readonly transfer: TransferPlan;
  readonly destination: Destination;
  /** Why the output is not valid; undefined where it is. */
  readonly invalid: Finding | undefined;
}

export interface PlanConversionOptions extends ReadOptions {
  /** Decode and encode chunks, now and when the plan is run. */
  readonly workers: ChunkWorkers;
  readonly out: Output;
}

/** Opens the input as a store that the caller closes, before the workers. Threads that write share its index. */
export async function openInput(
  { input, http, open }: ConvertRequest,
  { workers, signal }: Pick<PlanConversionOptions, "workers" | "signal">,
): Promise<Store> {
  if (open !== undefined) return open({ workers, signal });
  const opening = { formats, signal, workers, wholeIndex: true, shareIndex: true };
  const store = await openPath(input, { ...opening, ...http });
  try {
    checkAxesFit(store, http.axes);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Plans a conversion; nothing is written yet.
 *
 * @throws UsageError when the options do not fit the input or the output
 * @throws DestinationExistsError when the output exists and is not to be replaced
 */
export async function planConversion(
  request: ConvertRequest,
  input: Store,
  { workers, out, signal }: PlanConversionOptions,
): Promise<Conversion> {
  const { output, version, shard, codec, pyramid, method, allowMissing } = request;
  if (output !== PIPE && request.open === undefined) await refuseInside(request.input, output);
  const { destination, existing } = await findDestination(request, out);
  // Options that do not fit are reported before an output that exists: they stay wrong when it is gone.
  const hasOptions = version !== undefined || shard !== undefined || codec !== undefined;
  if (existing !== undefined && !hasOptions) throw existing;
  const needs = version === undefined ? destination : needsOfVersion(version, destination);
  const { store: source, ...found } = await selectedOf(request, input, { signal, workers });
  const asked = { shard, codec, pyramid, method, allowMissing };
  const planned = await planTransfer(source, needs, { signal, ...asked, workers });
  const transfer = version === undefined ? planned : await planVersion(planned, version, { signal });
  if (existing !== undefined) throw existing;
  const invalid = await checkOutput(transfer, { signal });
  return { transfer, destination, invalid, ...found };
}

/** What is converted of an input. Damage is looked for in what is selected, before chunks are cut and put together. */
async function selectedOf(
  { selection = {}, memory, allowDamaged, damage: known, quiet }: ConvertRequest,
  input: Store,
  options: Pick<PlanConversionOptions, "signal" | "workers">,
): Promise<{ readonly store: Store } & Partial<SoundStore>> {
  const { path, leaveOut, levels, ...cuts } = selection;
  const view = async (store: Store, part: TransferSelection): Promise<Store> => {
    const isAsked = Object.values(part).some((value) => value !== undefined);
    return isAsked ? selectView(store, part, { ...options, memory }) : store;
  };
  if (!allowDamaged && known === undefined) return { store: await view(input, selection) };
  const nodes = await view(input, { path, leaveOut, levels });
  if (known !== undefined) return { store: await view(await hideDamage(nodes, known, options), cuts) };
  const { store, ...found } = await withoutDamage(nodes, { ...options, quiet });
  return { store: await view(store, cuts), ...found };
}

/** The destination, and the error for an output that exists and is not to be replaced. */
async function findDestination(
  { output, overwrite, resume, dryRun }: ConvertRequest,
  out: Output,
): Promise<{ destination: Destination; existing?: OzxError }> {
  const onReplacedLeftover = (folder: string): void => {
    out.note(`${output} is complete, but the folder that it replaced could not be removed: it is ${folder}.`);
  };
  const onPartialLeftover = (folder: string): void => {
    out.note(
      `What was written so far has too many files to be deleted at once: delete ${folder}, or the same command with --resume does it at its end.`,
    );
  };
  const onResumedUpload = (found: { parts: number; bytes: number } | undefined): void => {
    out.note(
      found === undefined
        ? `Starting from the beginning: no unfinished upload of ${output} was found.`
        : `Resuming an upload that has ${plural(found.parts, "part")} (${formatBytes(found.bytes)}): what is the same is not sent again.`,
    );
  };
  const options = { formats, resume, onReplacedLeftover, onPartialLeftover, onResumedUpload };
  try {
    return { destination: await destinationFor(output, { ...options, overwrite }) };
  } catch (error) {
    if (!isOzxError(error, "DestinationExists")) throw error;
    const destination = await destinationFor(output, { ...options, overwrite: true });
    const canResume = destination.leftovers.some(({ journal }) => journal);
    const isComplete = resume && error.replaceable && !canResume;
    if (isComplete && !dryRun) await destination.removeStale();
    return { destination, existing: isComplete ? nothingToResume(output) : error };
  }
}

/** Advises to look first: an output that exists after a run with `--resume` is probably complete. */
function nothingToResume(output: string): OzxError {
  return new DestinationExistsError(
    `${output} exists already, and there is no interrupted run to resume: it may be complete, which ozx verify checks; --force replaces it`,
    { location: output, replaceable: false },
  );
}

/** Prints what a conversion would write. */
export async function showPlan(
  { transfer, destination, invalid, damageOfArrays }: Conversion,
  { output, selection, resume }: ConvertRequest,
  out: Output,
): Promise<void> {
  for (const line of renderDamage(damageOfArrays)) out.note(line);
  const part = selection && formatSelection(selection);
  const space = output === PIPE ? undefined : await spaceFor(output, transfer, destination);
  out.data(renderTransferPlan(transfer, output, { part, space }));
  if (invalid !== undefined) out.note(invalid.message);
  if (resume) out.note(describeResumable(destination, output));
}

/** Says what a person should know before the conversion runs. */
export async function announcePlan(
  { transfer, destination }: Conversion,
  { output, pyramid, resume }: ConvertRequest,
  out: Output,
): Promise<void> {
  for (const text of oneOfEachKind(transfer.findings)) out.note(text);
  const lacksLevels =
    transfer.levels.length > 0 || transfer.findings.some(({ rule }) => rule === "no-levels-added");
  if (pyramid && !lacksLevels) {
    out.note("--pyramid adds nothing: no image has a smallest level of more than 256 pixels in y or x.");
  }
  if (output !== PIPE && !resume) await warnAboutSpace(output, transfer, destination, out);
  for (const leftover of destination.leftovers) {
    // A resumed run continues those with a journal, and removes those that are useless.
    const isHandled = leftover.journal !== undefined || leftover.isUseless;
    if (!resume || !isHandled) out.note(describeLeftover(leftover, { isUnused: resume }));
  }
}

/** Only for a plan whose size is an estimate: for any other, too little space is an error where it is written. */
async function warnAboutSpace(
  output: string,
  transfer: TransferPlan,
  destination: Destination,
  out: Output,
): Promise<void> {
  if (transfer.generated === undefined || transfer.generated.bytes === transfer.generated.leastBytes) return;
  const space = await spaceFor(output, transfer, destination);
  if (space === undefined || !space.isCertain || space.required <= space.free) return;
  out.note(
    `${output} may not fit: it needs about ${formatBytes(space.required)}, and its disk has ${formatBytes(space.free)} free.`,
  );
}

/** The space that an output needs and has; in a folder each entry is a file, which fills its last block in part. */
function spaceFor(
  output: string,
  { bytes, entries, generated }: TransferPlan,
  { zarrFormat }: Destination,
): Promise<FreeSpace | undefined> {
  const files = zarrFormat === undefined ? entries.length + (generated?.entries ?? 0) : 1;
  return freeSpaceFor(output, { bytes, files });
}
