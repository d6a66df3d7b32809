import { createHash } from "node:crypto";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { type BucketClient, checksum } from "./bucket-client.js";
import { elementIn, elementsIn, isRefusal } from "./bucket-errors.js";
import { decodeKey, headObject } from "./objects.js";

/** The limits of S3: parts but the last have at least 5 MiB, and there are at most 10,000. */
export const SMALLEST_PART = 5 * 1024 * 1024;
export const MOST_PARTS = 10_000;

/** An upload that is not completed. */
export interface OpenUpload {
  readonly key: string;
  readonly id: string;
  /** When it was begun, as the service writes it. */
  readonly begun: string;
}

/** A part that a service has. */
export interface UploadedPart {
  /** From 1. */
  readonly number: number;
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
  /** Its CRC-32 as in `x-amz-checksum-crc32`; undefined where the service does not say. */
  readonly crc32: string | undefined;
}

/** The uploads of a key that are not completed, the one begun last first. */
export async function listUploads(
  client: BucketClient,
  key: string,
  options?: ReadOptions,
): Promise<OpenUpload[]> {
  const found: OpenUpload[] = [];
  let markers: Record<string, string> | undefined = {};
  while (markers !== undefined) {
    const query = { uploads: "", prefix: key, "encoding-type": "url", ...markers };
    const { text } = await client.send({ method: "GET", query }, options);
    for (const upload of elementsIn(text, "Upload")) {
      const [of, id] = [decodeKey(elementIn(upload, "Key") ?? ""), elementIn(upload, "UploadId")];
      if (of === key && id !== undefined)
        found.push({ key, id, begun: elementIn(upload, "Initiated") ?? "" });
    }
    const [next, nextId] = [elementIn(text, "NextKeyMarker"), elementIn(text, "NextUploadIdMarker")];
    const isMore = elementIn(text, "IsTruncated") === "true" && next !== undefined;
    markers = isMore
      ? { "key-marker": decodeKey(next), ...(nextId && { "upload-id-marker": nextId }) }
      : undefined;
  }
  return found.sort((a, b) => (a.begun < b.begun ? 1 : -1));
}

/**
 * Begins an upload. Where the service was asked several times, it may have begun several: those that nobody knows of are
 * aborted, since they would be kept, and paid for, for ever.
 */
export async function createUpload(
  client: BucketClient,
  key: string,
  options?: ReadOptions,
): Promise<string> {
  const headers = { "Content-Type": "application/zip", "x-amz-checksum-algorithm": "CRC32" };
  const asked = Date.now();
  const { text, attempts } = await client.send(
    { method: "POST", key, query: { uploads: "" }, headers },
    options,
  );
  const id = elementIn(text, "UploadId");
  if (id === undefined) throw new TypeError(`the answer to CreateMultipartUpload of ${key} has no UploadId`);
  if (attempts > 1) await abortUnknown(client, { key, id, asked }, options);
  return id;
}

/** Clocks differ: an upload that was begun this many milliseconds before is not one of ours. */
const CLOCK_DIFFERENCE = 60_000;

async function abortUnknown(
  client: BucketClient,
  { key, id, asked }: { readonly key: string; readonly id: string; readonly asked: number },
  options?: ReadOptions,
): Promise<void> {
  const uploads = await listUploads(client, key, options).catch(() => []);
  for (const upload of uploads) {
    if (upload.id === id || Date.parse(upload.begun) < asked - CLOCK_DIFFERENCE) continue;
    // One with parts is another process's.
    const parts = await listParts(client, upload, options).catch(() => undefined);
    if (parts?.length === 0) await abortUpload(client, upload, options);
  }
}

/** The parts that a service has of an upload, in the order of their numbers. */
export async function listParts(
  client: BucketClient,
  { key, id }: Pick<OpenUpload, "key" | "id">,
  options?: ReadOptions,
): Promise<UploadedPart[]> {
  const parts: UploadedPart[] = [];
  let marker: string | undefined = "0";
  while (marker !== undefined) {
    const query = { uploadId: id, ...(marker !== "0" && { "part-number-marker": marker }) };
    const { text } = await client.send({ method: "GET", key, query }, options);
    for (const part of elementsIn(text, "Part")) {
      parts.push({
        number: Number(elementIn(part, "PartNumber") ?? 0),
        size: Number(elementIn(part, "Size") ?? 0),
        etag: elementIn(part, "ETag") ?? "",
        crc32: elementIn(part, "ChecksumCRC32"),
      });
    }
    const next = elementIn(text, "NextPartNumberMarker");
    marker = elementIn(text, "IsTruncated") === "true" && next !== marker ? next : undefined;
  }
  return parts;
}

/** Whether a part that a service has holds these bytes, by its checksum or its MD5. */
export function hasPart(part: UploadedPart | undefined, bytes: Uint8Array): part is UploadedPart {
  if (part?.size !== bytes.length) return false;
  if (part.crc32 !== undefined) return part.crc32 === checksum(bytes);
  return md5In(part.etag) === createHash("md5").update(bytes).digest("hex");
}

/** Uploads a part. One of the same number is replaced. */
export async function uploadPart(
  client: BucketClient,
  { key, id }: Pick<OpenUpload, "key" | "id">,
  number: number,
  bytes: Uint8Array,
  options?: ReadOptions,
): Promise<UploadedPart> {
  const query = { partNumber: String(number), uploadId: id };
  const { headers } = await client.send({ method: "PUT", key, query, body: bytes }, options);
  const etag = headers.get("etag");
  if (etag === null) throw new TypeError(`the answer to UploadPart of ${key} has no ETag`);
  return { number, size: bytes.length, etag, crc32: checksum(bytes) };
}

/** The outcome of {@link completeUpload}. */
export type Completion = "done" | "exists" | "gone";

/**
 * Makes the parts of an upload the object.
 *
 * @param ifNew refuse to replace an object, where the service can
 * @returns `exists` where another object is there, `gone` where the upload was aborted
 */
export async function completeUpload(
  client: BucketClient,
  { key, id }: Pick<OpenUpload, "key" | "id">,
  parts: readonly UploadedPart[],
  { ifNew, ...options }: ReadOptions & { readonly ifNew: boolean },
): Promise<Completion> {
  const sorted = [...parts].sort((a, b) => a.number - b.number);
  const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${sorted
    .map(
      ({ number, etag, crc32 }) =>
        `<Part>${crc32 === undefined ? "" : `<ChecksumCRC32>${crc32}</ChecksumCRC32>`}<ETag>${etag.replaceAll('"', "&quot;")}</ETag><PartNumber>${number}</PartNumber></Part>`,
    )
    .join("")}</CompleteMultipartUpload>`;
  const send = (headers: Record<string, string>) =>
    client.send({ method: "POST", key, query: { uploadId: id }, headers, body }, options);
  const type = { "Content-Type": "application/xml" };
  try {
    if (!ifNew) await send(type);
    else {
      await send({ ...type, "If-None-Match": "*" }).catch((error: unknown) => {
        // Services that do not know the header ignore it, or say so.
        if (isRefusal(error, ["NotImplemented"], [501])) return send(type);
        throw error;
      });
    }
    return "done";
  } catch (error) {
    const isThere = isRefusal(error, ["PreconditionFailed"], [412]);
    if (!isThere && !isRefusal(error, ["NoSuchUpload"], [404])) throw error;
    // An earlier attempt may have succeeded, and its answer was lost.
    if (await isObjectOf(client, key, sorted, options)) return "done";
    return isThere ? "exists" : "gone";
  }
}

async function isObjectOf(
  client: BucketClient,
  key: string,
  parts: readonly UploadedPart[],
  options: ReadOptions,
): Promise<boolean> {
  const found = await headObject(client, key, options);
  if (found?.size !== parts.reduce((sum, { size }) => sum + size, 0)) return false;
  const sums = parts.map(({ etag }) => md5In(etag));
  if (sums.includes(undefined)) return found.etag.replaceAll('"', "").endsWith(`-${parts.length}`);
  const whole = createHash("md5")
    .update(Buffer.from(sums.join(""), "hex"))
    .digest("hex");
  return found.etag.replaceAll('"', "") === `${whole}-${parts.length}`;
}

function md5In(etag: string): string | undefined {
  return /^"?([0-9a-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase();
}

/**
 * Aborts an upload, so that the service forgets its parts. A part that arrives meanwhile may stay, so this asks again
 * until the upload is gone.
 */
export async function abortUpload(
  client: BucketClient,
  { key, id }: Pick<OpenUpload, "key" | "id">,
  options?: ReadOptions,
): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await client.send({ method: "DELETE", key, query: { uploadId: id } }, options);
      await listParts(client, { key, id }, options);
    } catch (error) {
      if (isRefusal(error, ["NoSuchUpload"], [404])) return;
      throw error;
    }
  }
}
