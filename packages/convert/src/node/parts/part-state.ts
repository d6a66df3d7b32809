import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReadOptions } from "@ozx/core";
import { isS3Address } from "@ozx/core/internal";
import {
  deleteObject,
  errorCode,
  getText,
  listObjects,
  openBucket,
  putObject,
  writeFailure,
} from "@ozx/core/internal/node";
import { syncParent } from "../staging.js";

/** Where parts leave their results, for each other and for the end: small texts by name. */
export interface PartState {
  /** Undefined where there is none of this name. */
  read(name: string, options?: ReadOptions): Promise<string | undefined>;
  /** Writes atomically: of two that write one name, one is there. */
  write(name: string, text: string, options?: ReadOptions): Promise<void>;
  names(options?: ReadOptions): Promise<ReadonlySet<string>>;
  /** Removes all of it. Never throws. */
  remove(): Promise<void>;
}

/** The state at a path or an address. */
export function openState(location: string): Promise<PartState> | PartState {
  return isS3Address(location) ? bucketState(location) : folderState(location);
}

function folderState(folder: string): PartState {
  return {
    async read(name) {
      try {
        return await readFile(join(folder, name), "utf8");
      } catch (error) {
        if (errorCode(error) === "ENOENT") return undefined;
        throw error;
      }
    },
    async write(name, text) {
      try {
        await mkdir(folder, { recursive: true });
        const path = join(folder, name);
        const staged = `${path}.${randomBytes(6).toString("hex")}.tmp`;
        await writeFile(staged, text, { flag: "wx", flush: true });
        await rename(staged, path);
        await syncParent(path);
      } catch (error) {
        throw writeFailure(error, folder);
      }
    },
    names: async () => new Set(await readdir(folder).catch(() => [])),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => {}),
  };
}

async function bucketState(location: string): Promise<PartState> {
  const { client, key: prefix } = await openBucket(location);
  return {
    read: (name, options) => getText(client, `${prefix}/${name}`, options),
    write: (name, text, options) =>
      putObject(client, `${prefix}/${name}`, new TextEncoder().encode(text), options),
    async names(options) {
      const names = new Set<string>();
      for await (const { key } of listObjects(client, `${prefix}/`, options))
        names.add(key.slice(prefix.length + 1));
      return names;
    },
    async remove() {
      try {
        for await (const { key } of listObjects(client, `${prefix}/`)) await deleteObject(client, key);
      } catch {
        // What is left is small, and named after the plan.
      }
    },
  };
}
