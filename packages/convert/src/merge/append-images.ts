import {
  type AbsolutePath,
  type Finding,
  type JsonObject,
  type ReadOptions,
  type Store,
  UsageError,
} from "@ozx/core";
import {
  checkSourceUnchanged,
  type EntryInput,
  type EntryWriter,
  type GeneratedEntry,
  keyName,
  memoryStore,
  type Progress,
  parseJsonObject,
  readAhead,
  readEntry,
  streamEntry,
  writeGenerated,
} from "@ozx/core/container";
import { NODE_DOCUMENTS, stringifyJson, withFastGets } from "@ozx/core/internal";
import { changedConsolidated } from "../create/existing-documents.js";
import { checkOutput } from "../plan/check-output.js";
import { type PlanOptions, planTransfer, type TransferPlan } from "../plan/plan-transfer.js";
import { needsOfVersion, planVersion } from "../plan/plan-version.js";
import { readExisting } from "./existing-hierarchy.js";
import { type Growth, growCollection, growPlate } from "./grow-hierarchy.js";
import { joinStores } from "./joined-store.js";
import { axesFindings, nameOf, refuseFormats } from "./merge-stores.js";
import { readInputs, type StoreToMerge } from "./place-images.js";

/** What is added to a plate or a collection. */
export interface AppendPlan {
  /** Where each image goes, and what it is called in messages. */
  readonly images: readonly { readonly path: AbsolutePath; readonly name: string }[];
  /** The entries of the images, at their new paths. */
  readonly transfer: TransferPlan;
  /** The documents above the images: those that are changed, and new ones. */
  readonly documents: ReadonlyMap<AbsolutePath, JsonObject>;
  /**
   * Earlier versions of some of them, to be written first where documents are replaced one by one, as in a folder: so that
   * what is there is valid in between too.
   */
  readonly before?: ReadonlyMap<AbsolutePath, JsonObject> | undefined;
}

/**
 * Plans to add images to a plate or collection that exists, in its version of OME-Zarr. Reads metadata and keys, and no
 * pixels; nothing is written.
 *
 * @param target the plate or collection
 * @param stores images, wells or plates, which stay open until the plan is carried out
 * @throws UsageError where an image has no place, or one that is taken
 * @throws UnsupportedError, UnknownFormatError, InvalidMetadataError for what cannot be added, or added to
 */
export async function planAppend(
  target: Store,
  stores: readonly StoreToMerge[],
  options: ReadOptions & Pick<PlanOptions, "workers"> = {},
): Promise<AppendPlan> {
  const existing = await readExisting(target, options);
  const inputs = await readInputs(stores, options);
  const [style] = inputs;
  if (style === undefined) throw new UsageError("there is nothing to append: give an image or several");
  refuseFormats(inputs);
  const { ome } = existing;
  const growth =
    ome.kind === "plate"
      ? await growPlate({ ...existing, ome }, inputs, options)
      : growCollection({ ...existing, ome }, inputs);
  const source = joinStores(nameOf(stores), {
    mounts: growth.mounts,
    documents: memoryStore(growth.above, nameOf(stores)),
    sources: stores.map(({ store }) => store),
    findings: axesFindings(inputs.flatMap(({ images }) => images)),
  });
  const needs = needsOfVersion(existing.version, existing.version === "0.4" ? {} : { zarrFormat: 3 });
  const whole = await planVersion(await planTransfer(source, needs, options), existing.version, options);
  const invalid = await checkOutput(whole, options);
  const transfer = entriesInside(whole, growth, invalid);
  await refuseUnlisted(target, growth, transfer, options);
  const documents = await grownDocuments(target, growth, transfer, options);
  const images = growth.mounts.map(({ path, store }) => ({ path, name: store.name }));
  return { images, transfer, documents, before: growth.before };
}

/**
 * Refuses a place with files that would become part of the image there. Those that a killed run left in a folder are
 * replaced when it is run again.
 */
async function refuseUnlisted(
  target: Store,
  { mounts }: Growth,
  { entries }: TransferPlan,
  options?: ReadOptions,
): Promise<void> {
  const replaced = new Set(entries.map(({ key }) => key));
  for (const { path } of mounts) {
    const unlisted = await firstOf(
      target.list({ prefix: path, ...options }),
      ({ key }) => !replaced.has(key),
    );
    const isFile = (await target.getRange(path, { offset: 0, length: 0 }, options)) !== undefined;
    if (unlisted === undefined && !isFile) continue;
    throw new UsageError(
      `${(unlisted?.key ?? path).slice(1)} is in ${target.name}, and no document lists it: remove what is at ${path.slice(1)}, or choose another place`,
    );
  }
}

async function firstOf<Value>(
  values: AsyncIterable<Value>,
  isWanted: (value: Value) => boolean,
): Promise<Value | undefined> {
  for await (const value of values) if (isWanted(value)) return value;
  return undefined;
}

/** A plan without the documents above the images, which the target has already. */
function entriesInside(plan: TransferPlan, { mounts }: Growth, invalid: Finding | undefined): TransferPlan {
  const paths = new Set(mounts.map(({ path }) => path));
  const isInside = (key: AbsolutePath): boolean => {
    for (let end = key.indexOf("/", 1); end > 0; end = key.indexOf("/", end + 1)) {
      if (paths.has(key.slice(0, end) as AbsolutePath)) return true;
    }
    return false;
  };
  const entries = plan.entries.filter(({ key }) => isInside(key));
  const bytes = entries.reduce((sum, { size }) => sum + size, plan.generated?.bytes ?? 0);
  return { ...plan, entries, bytes, findings: invalid ? [...plan.findings, invalid] : plan.findings };
}

/** The documents of the target that change, with the copies of metadata that would lack what is added. */
async function grownDocuments(
  target: Store,
  { hierarchy, documents, parents }: Growth,
  { source, entries }: TransferPlan,
  options?: ReadOptions,
): Promise<Map<AbsolutePath, JsonObject>> {
  const added = new Map(documents);
  // Copies of Zarr v2 repeat the documents below; those of v3 are removed.
  if (hierarchy.nodes.get("/")?.zarrFormat === 2) {
    for (const entry of entries) {
      if (!NODE_DOCUMENTS.includes(keyName(entry.key))) continue;
      const where = { location: source.name, path: entry.key.slice(1) };
      added.set(entry.key, parseJsonObject(await readEntry(source, entry, options), where));
    }
  }
  const changed = new Map(documents);
  for (const path of parents) {
    for (const [key, document] of await changedConsolidated(target, hierarchy, { path, added }, options)) {
      if (!documents.has(key)) changed.set(key, document);
    }
  }
  return changed;
}

/** Entries up to this size are read whole, several at once; in bytes. */
const READ_WHOLE_UP_TO = 1024 * 1024;
const READS_AT_ONCE = 16;

/**
 * Carries out a plan: the writer is committed, or discarded when this throws.
 *
 * @param writer adds entries to the target that the plan was made for
 * @throws SourceChangedError if an image changed after planning
 * @throws WriteFailedError if nothing can be added
 */
export async function runAppend(
  { transfer, documents }: AppendPlan,
  writer: EntryWriter,
  options: ReadOptions & { readonly onProgress?: (done: Progress) => void } = {},
): Promise<void> {
  const { source, entries } = transfer;
  const fast = withFastGets(source);
  const read = async (entry: EntryInput): Promise<[EntryInput, GeneratedEntry["bytes"]]> => [
    entry,
    entry.size <= READ_WHOLE_UP_TO
      ? await readEntry(fast, entry, options)
      : streamEntry(source, entry, options),
  ];
  try {
    const done = { entries: 0, bytes: 0 };
    for await (const [{ key, size }, bytes] of readAhead(entries, READS_AT_ONCE, read)) {
      options.signal?.throwIfAborted();
      await writer.add({ key, bytes }, options);
      done.entries++;
      done.bytes += size;
      options.onProgress?.({ ...done });
    }
    await writeGenerated(transfer, writer, options);
    await checkSourceUnchanged(transfer, options);
    for (const [key, document] of documents)
      await writer.add({ key, bytes: stringifyJson(document) }, options);
    options.signal?.throwIfAborted();
    await writer.commit(options);
  } catch (error) {
    await writer.discard();
    throw error;
  }
}
