import { DestinationExistsError, type StoreFormat, UsageError } from "@ozx/core";
import {
  type BucketClient,
  BucketRefusedError,
  headObject,
  isAddress,
  isRefusal,
  listUploads,
  multipartSink,
  openBucket,
  writeRefused,
} from "@ozx/core/internal/node";
import { bucketFolderTarget, refusePreciousPrefix } from "./bucket-folder.js";
import { type Destination, needsOf, writableFormat } from "./destination-contract.js";
import type { Leftover } from "./leftovers.js";
import type { DestinationOptions } from "./staging.js";

/**
 * The destination for an `s3://` address: an object for a container, one object for each entry otherwise.
 *
 * @throws UsageError for an address that names no object, and for options that do not fit
 * @throws DestinationExistsError when something is there and `overwrite` is not set
 * @throws WriteFailedError when the service refuses access
 */
export async function bucketDestination(
  location: string,
  { formats, ...options }: DestinationOptions & { readonly formats: readonly StoreFormat[] },
): Promise<Destination> {
  const format = writableFormat(location.replace(/\/+$/, ""), formats);
  const { client, key } = await openBucket(location);
  const path = key.replace(/\/+$/, "");
  const name = client.nameOf(path);
  const target = format?.target;
  const stage = async (): Promise<never> => {
    throw new UsageError(
      `${name} cannot be compared before it is published: leave out --verify, and compare afterwards with ozx verify`,
    );
  };
  // Nothing of a killed upload is kept here.
  const removeStale = async (): Promise<void> => {};
  try {
    if (target === undefined) {
      await refusePreciousPrefix(client, path, options);
      return {
        ...needsOf(undefined, path),
        leftovers: [],
        removeStale,
        stage,
        open: async () => bucketFolderTarget(client, path, options),
      };
    }
    if (!options.overwrite) await refuseExistingObject(client, path);
    const leftovers = await unfinishedUploads(client, path);
    return {
      ...needsOf(format, path),
      leftovers,
      removeStale,
      stage,
      open: async () =>
        target(multipartSink(client, path, { ...options, onResume: options.onResumedUpload })),
    };
  } catch (error) {
    throw error instanceof BucketRefusedError ? writeRefused(name, error.refusal) : error;
  }
}

/** @throws DestinationExistsError when there is an object; one that may not be seen is refused when it is replaced */
async function refuseExistingObject(client: BucketClient, key: string): Promise<void> {
  const found = await headObject(client, key).catch((error: unknown) => {
    // Without the permission to list a bucket, AWS answers 403 for what is not there.
    if (isRefusal(error, [], [403])) return undefined;
    throw error;
  });
  if (found === undefined) return;
  const location = client.nameOf(key);
  throw new DestinationExistsError(`${location} exists already`, { location, replaceable: true });
}

/** Uploads of the same object that were never completed; none where the credentials may not list them. */
async function unfinishedUploads(client: BucketClient, key: string): Promise<Leftover[]> {
  const uploads = await listUploads(client, key).catch((error: unknown) => {
    if (error instanceof BucketRefusedError && error.refusal.code !== "NoSuchBucket") return [];
    throw error;
  });
  return uploads.map(({ id, begun }) => ({
    path: `The upload ${id} of ${client.nameOf(key)}, begun ${begun},`,
    journal: { fingerprint: { job: "", source: "" }, records: [] },
    elsewhere: true,
    isAddition: false,
    isUseless: false,
  }));
}

/**
 * Refuses addresses that cannot be written to.
 *
 * @throws UsageError with the pipe that does it
 */
export function refuseAddress(name: string): void {
  const [, single, rest] = /^(s3|gs|https?):\/([^/].*)$/i.exec(name) ?? [];
  if (single !== undefined) {
    throw new UsageError(`${name} is not an address: write two slashes, as in ${single}://${rest}`);
  }
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(name)?.[1]?.toLowerCase();
  if (scheme === undefined && !isAddress(name)) return;
  const pipe = PIPES[scheme ?? ""]?.(name);
  throw new UsageError(
    pipe === undefined
      ? `${name} cannot be written: write to a file, and copy it there with the server's own tool`
      : `${name} cannot be written directly: send an .ozx through a pipe, as in "ozx convert INPUT - | ${pipe}"`,
  );
}

const azure = (name: string): string =>
  `azcopy copy "${name.replace(/^\w+:\/\//, "https://")}" --from-to PipeBlob`;

/** The programs that write from a pipe, by the scheme of an address. */
const PIPES: Readonly<Record<string, (name: string) => string>> = {
  gs: (name) => `gcloud storage cp - ${name}`,
  az: azure,
  abfs: azure,
  abfss: azure,
  ssh: (name) => name.replace(/^ssh:\/\/([^/]*)(\/.*)$/i, "ssh $1 'cat > $2'"),
  sftp: (name) => name.replace(/^sftp:\/\/([^/]*)(\/.*)$/i, "ssh $1 'cat > $2'"),
  hdfs: (name) => `hdfs dfs -put - ${name}`,
};
