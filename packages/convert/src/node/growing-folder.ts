import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ReadOptions, UsageError } from "@ozx/core";
import type { EntryStep, StepWriter } from "@ozx/core/container";
import { writeFailure } from "@ozx/core/internal/node";
import { additionPath, holdPartial, releasePartial } from "./partial-files.js";
import { removeFolder } from "./remove-folder.js";
import { stageFolder } from "./staged-folder.js";
import { type DestinationOptions, syncFolder, syncParent } from "./staging.js";

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
    const folders = new Set<string>();
    for (const { key, bytes } of entries) {
      options?.signal?.throwIfAborted();
      await writeDurably(join(folder, key), bytes, folders);
    }
    const complete: string[] = [];
    for (const { bytes } of documents) complete.push(await additions.write(bytes));
    for (const name of folders) await syncParent(name);
    for (const [k, { key }] of documents.entries()) {
      await mkdir(dirname(join(folder, key)), { recursive: true });
      await rename(complete[k] ?? "", join(folder, key));
      await syncParent(join(folder, key));
    }
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
  /** Writes a file, and returns its path. */
  write(bytes: Uint8Array): Promise<string>;
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
    async write(bytes) {
      const file = join(folder, String(count++));
      await writeDurably(file, bytes, new Set());
      return file;
    },
    async remove() {
      await removeFolder(folder).catch(() => {});
      releasePartial(folder);
    },
  };
}

/**
 * Writes a file and makes it durable.
 *
 * @param folders gets a path in each folder whose list of names has changed
 */
async function writeDurably(path: string, bytes: Uint8Array, folders: Set<string>): Promise<void> {
  const folder = dirname(path);
  const first = await mkdir(folder, { recursive: true });
  if (first !== undefined) for (let at = folder; at.length >= first.length; at = dirname(at)) folders.add(at);
  await writeFile(path, bytes, { flush: true });
  folders.add(path);
}
