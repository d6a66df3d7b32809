import { open, readFile, rm } from "node:fs/promises";
import { type PlanFile, parsePlan } from "@ozx/convert/node";
import { DestinationExistsError, NotFoundError } from "@ozx/core";
import { isS3Address } from "@ozx/core/internal";
import {
  errorCode,
  getText,
  openBucket,
  putObject,
  readFailure,
  writeFailure,
} from "@ozx/core/internal/node";

/**
 * Reads a plan, from a file or a bucket.
 *
 * @throws NotFoundError, UnreadableError, and InvalidMetadataError for a file that is no plan
 */
export async function readPlan(location: string, signal?: AbortSignal): Promise<PlanFile> {
  return parsePlan(await readText(location, signal), location);
}

async function readText(location: string, signal: AbortSignal | undefined): Promise<string> {
  if (isS3Address(location)) {
    const { client, key } = await openBucket(location);
    const text = await getText(client, key, { signal });
    if (text === undefined)
      throw new NotFoundError(`${location} does not exist: check the address`, { location });
    return text;
  }
  try {
    return await readFile(location, "utf8");
  } catch (error) {
    throw readFailure(error, location);
  }
}

/** A place for a plan, which is known to be writable before anything else is prepared. */
export interface PlanPlace {
  write(text: string): Promise<void>;
  /** Removes what was prepared. Never throws. */
  discard(): Promise<void>;
}

/**
 * Prepares the place of a new plan.
 *
 * @throws DestinationExistsError when there is one, and `overwrite` is not set
 * @throws WriteFailedError when it cannot be written
 */
export async function preparePlan(location: string, overwrite: boolean): Promise<PlanPlace> {
  if (isS3Address(location)) {
    const { client, key } = await openBucket(location);
    if (!overwrite && (await getText(client, key)) !== undefined) throw existing(location);
    return {
      write: (text) => putObject(client, key, new TextEncoder().encode(text), { type: "application/json" }),
      async discard() {},
    };
  }
  try {
    const file = await open(location, overwrite ? "w" : "wx");
    return {
      async write(text) {
        await file.writeFile(text);
        await file.sync();
        await file.close();
      },
      async discard() {
        await file.close().catch(() => {});
        await rm(location, { force: true }).catch(() => {});
      },
    };
  } catch (error) {
    throw errorCode(error) === "EEXIST" ? existing(location) : writeFailure(error, location);
  }
}

function existing(location: string): DestinationExistsError {
  return new DestinationExistsError(`the plan ${location} exists already`, { location, replaceable: true });
}
