import type { ByteSink, ReadOptions } from "../../bytes/source-and-sink.js";
import { DestinationExistsError, WriteFailedError } from "../../errors.js";
import { formatBytes } from "../../format/quantities.js";
import { type BucketClient, checksum } from "./bucket-client.js";
import { BucketRefusedError, isRefusal, writeRefused } from "./bucket-errors.js";
import {
  abortUpload,
  completeUpload,
  createUpload,
  hasPart,
  listParts,
  listUploads,
  type UploadedPart,
  uploadPart,
} from "./multipart-upload.js";
import { putObject } from "./objects.js";
import { LARGEST_OBJECT, type PartSizes, partSizesFor } from "./part-sizes.js";
import { createPartUploader, type PartUploader } from "./part-uploader.js";

export interface MultipartSinkOptions {
  /** Replace an object that exists. */
  readonly overwrite?: boolean | undefined;
  /**
   * Take up the upload of the key that was begun last: parts that it has already are not sent again. On failure the
   * upload is kept.
   */
  readonly resume?: boolean | undefined;
  /** Called once with what an earlier upload has; undefined where there is none. */
  readonly onResume?:
    | ((found: { readonly parts: number; readonly bytes: number } | undefined) => void)
    | undefined;
}

/** How long the abort of an upload may take, in milliseconds: the process is about to end. */
const ABORT_TIME = 20_000;

/**
 * A sink that becomes an object on `commit`, by a multipart upload, or by one request for a small one. Nothing is stored
 * locally: a few parts are in memory. Nothing can be read at the key before; `discard` aborts the upload.
 */
export function multipartSink(
  client: BucketClient,
  key: string,
  { overwrite = false, resume = false, onResume }: MultipartSinkOptions = {},
): ByteSink {
  const name = client.nameOf(key);
  const parts: UploadedPart[] = [];
  let sizes: PartSizes | undefined;
  let uploader: PartUploader | undefined;
  let upload:
    | Promise<{ readonly id: string; readonly earlier: ReadonlyMap<number, UploadedPart> }>
    | undefined;
  let size = 0;
  let isOver = false;
  const begin = async (signal: AbortSignal) => {
    const [last] = resume ? await listUploads(client, key, { signal }) : [];
    const earlier = last === undefined ? [] : await listParts(client, last, { signal });
    if (resume) {
      const bytes = earlier.reduce((sum, part) => sum + part.size, 0);
      onResume?.(last && { parts: earlier.length, bytes });
    }
    const id = last?.id ?? (await createUpload(client, key, { signal }));
    return { id, earlier: new Map(earlier.map((part) => [part.number, part])) };
  };
  const start = (least: number): PartUploader => {
    const cut = partSizesFor(least);
    sizes = cut;
    return createPartUploader({
      ...cut,
      name,
      keeps: resume,
      async send({ index, bytes }, { signal }) {
        // The only part, which is shorter than others: one request.
        if (index === 0 && upload === undefined && bytes.length < cut.sizeOf(0)) {
          await putObject(client, key, bytes, { ifNew: !overwrite, type: "application/zip", signal });
          return;
        }
        upload ??= begin(signal);
        const { id, earlier } = await upload;
        const number = index + 1;
        const found = earlier.get(number);
        // Not every service lists checksums, and all want them for each part in the end.
        const part = hasPart(found, bytes)
          ? { ...found, crc32: checksum(bytes) }
          : await uploadPart(client, { key, id }, number, bytes, { signal });
        parts.push(part);
      },
    });
  };
  const wrap = (error: unknown): never => {
    if (isRefusal(error, ["PreconditionFailed"], [412])) throw existing(name);
    throw error instanceof BucketRefusedError ? writeRefused(name, error.refusal) : error;
  };
  return {
    name,
    forwardOnly: false,
    async reserve(least) {
      refuseTooLarge(name, least, LARGEST_OBJECT);
      uploader ??= start(least);
    },
    async write(position, bytes, options) {
      uploader ??= start(0);
      refuseTooLarge(name, position + bytes.length, sizes?.capacity ?? LARGEST_OBJECT);
      size = Math.max(size, position + bytes.length);
      await uploader.write(position, bytes, options).catch(wrap);
    },
    async commit(options) {
      uploader ??= start(0);
      await uploader.finish(size, options).catch(wrap);
      if (upload !== undefined) {
        const { id } = await upload;
        const wanted = (sizes?.partAt(Math.max(0, size - 1)) ?? 0) + 1;
        if (parts.length !== wanted)
          throw new TypeError(`${name}: ${parts.length} of ${wanted} parts were sent`);
        await completeParts(client, { key, id }, parts, { ...options, overwrite }).catch(wrap);
      }
      isOver = true;
    },
    async discard() {
      if (isOver) return;
      isOver = true;
      await uploader?.stop();
      const begun = await upload?.catch(() => undefined);
      if (begun === undefined || (resume && parts.length > 0)) return;
      await abortUpload(client, { key, id: begun.id }, { signal: AbortSignal.timeout(ABORT_TIME) }).catch(
        () => {},
      );
    },
  };
}

/**
 * Completes an upload.
 *
 * @throws DestinationExistsError when something is there and `overwrite` is not set
 * @throws WriteFailedError when the upload was aborted by somebody else
 */
export async function completeParts(
  client: BucketClient,
  upload: { readonly key: string; readonly id: string },
  parts: readonly UploadedPart[],
  { overwrite, signal }: ReadOptions & { readonly overwrite: boolean },
): Promise<void> {
  const name = client.nameOf(upload.key);
  const outcome = await completeUpload(client, upload, parts, { ifNew: !overwrite, signal });
  if (outcome === "exists") throw existing(name);
  if (outcome === "gone") {
    throw new WriteFailedError(
      `${name} was not written: its upload was aborted by somebody else; start it again`,
      {
        location: name,
      },
    );
  }
}

function existing(name: string): DestinationExistsError {
  return new DestinationExistsError(`${name} exists already`, { location: name, replaceable: true });
}

/** @throws WriteFailedError for more bytes than the parts can have */
function refuseTooLarge(name: string, bytes: number, most: number): void {
  if (bytes <= most) return;
  throw new WriteFailedError(
    `${name} would have more than ${formatBytes(most)}, which one upload of this kind cannot have: write it to a file, or with ozx plan`,
    { location: name },
  );
}
