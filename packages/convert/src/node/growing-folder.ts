import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ReadOptions, UsageError } from "@ozx/core";
import type { EntryStep, StepWriter } from "@ozx/core/container";
import { writeFailure } from "@ozx/core/internal/node";
import { additionPath, holdPartial, releasePartial } from "./partial-files.js";
import { removeFolder } from "./remove-folder.js";
import { stageFolder } from "./staged-folder.js";
import {
  type DestinationOptions,
  forEachConcurrently,
  syncFolder,
  syncFolders,
  syncParent,
} from "./staging.js";

/**
 * Writes a folder step by step, where readers see it from the first step on. The values of a step are durable before its
 * documents replace the older ones, each by a rename, in the order of the step: the last one makes the step visible.
 *
 * @throws DestinationExistsError, WriteFailedError as `stageFolder` does
 */
export async function openGrowingFolder(
  path: string,
  { overwrite }: Pick<DestinationOptions, "overwrite"> = {},
): Promise<StepWriter> {
  const staged = await stageFolder(path, { overwrite });
  const additions = await createAdditions(path).catch(async (error: unknown) => {
    await staged.remove();
    throw error;
  });
  let published = false;
  let unlock: () => Promise<void> = () => staged.remove();
  const release = async (): Promise<void> => {
    await additions.remove();
    await unlock();
  };

  const writeStep = async ({ entries, documents }: EntryStep, options?: ReadOptions): Promise<void> => {
    const folder = published ? path : staged.path;
    options?.signal?.throwIfAborted();
    const files = entries.map(({ key, bytes }) => ({ path: join(folder, key), bytes }));
    const complete = documents.map(({ key, bytes }) => ({
      from: additions.next(),
      to: join(folder, key),
      bytes,
    }));
    const folders = await createFolders([...files.map((file) => file.path), ...complete.map(({ to }) => to)]);
    for (const { path } of files) folders.add(dirname(path));
    await forEachConcurrently(
      [...files, ...complete.map(({ from, bytes }) => ({ path: from, bytes }))],
      (file) => writeFile(file.path, file.bytes, { flush: true }),
    );
    await syncFolders(folder, [...folders]);
    const last = complete.pop();
    for (const { from, to } of complete) await rename(from, to);
    await syncFolders(folder, [...new Set(complete.map(({ to }) => dirname(to)))]);
    if (last === undefined) return;
    await rename(last.from, last.to);
    await syncParent(last.to);
  };
  return {
    name: path,
    async step(step, options) {
      try {
        await writeStep(step, options);
      } catch (error) {
        throw writeFailure(error, path);
      }
      if (published) return;
      await syncFolder(
        staged.path,
        [...step.entries, ...step.documents].map(({ key }) => key),
      );
      unlock = await staged.publishAndHold();
      published = true;
    },
    async close() {
      await release();
      if (!published) {
        throw new UsageError(`nothing was written to ${path}: append something, or discard it`);
      }
    },
    discard: () => release(),
  };
}

/** A folder beside the output, in which documents are completed before they are moved to their places. */
interface Additions {
  /** The path of a new file. */
  next(): string;
  /** Removes the folder. Never throws. */
  remove(): Promise<void>;
}

async function createAdditions(path: string): Promise<Additions> {
  const folder = additionPath(path);
  holdPartial(folder);
  await mkdir(folder).catch((error: unknown) => {
    releasePartial(folder);
    throw writeFailure(error, path);
  });
  let count = 0;
  return {
    next: () => join(folder, String(count++)),
    async remove() {
      await removeFolder(folder).catch(() => {});
      releasePartial(folder);
    },
  };
}

/**
 * Creates the folders of files.
 *
 * @returns the folders whose lists of names have changed
 */
async function createFolders(files: readonly string[]): Promise<Set<string>> {
  const changed = new Set<string>();
  for (const folder of new Set(files.map(dirname))) {
    const first = await mkdir(folder, { recursive: true });
    if (first === undefined) continue;
    for (let at = folder; at.length >= first.length; at = dirname(at)) changed.add(dirname(at));
  }
  return changed;
}
