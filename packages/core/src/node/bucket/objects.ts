import { createHash } from "node:crypto";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import type { BucketClient } from "./bucket-client.js";
import { elementIn, elementsIn, isRefusal } from "./bucket-errors.js";

/** What a service says about an object. */
export interface ObjectState {
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
}

/** The state of an object; undefined where there is none. */
export async function headObject(
  client: BucketClient,
  key: string,
  options?: ReadOptions,
): Promise<ObjectState | undefined> {
  try {
    const { headers } = await client.send({ method: "HEAD", key }, options);
    return { size: Number(headers.get("content-length") ?? 0), etag: headers.get("etag") ?? "" };
  } catch (error) {
    if (isRefusal(error, ["NoSuchKey", "NotFound"], [404])) return undefined;
    throw error;
  }
}

/** An object in a list. */
export interface ListedObject extends ObjectState {
  readonly key: string;
}

/** All objects whose keys start with `prefix`, in the order of their keys. */
export async function* listObjects(
  client: BucketClient,
  prefix: string,
  { most, ...options }: ReadOptions & { readonly most?: number } = {},
): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  let left = most ?? Number.POSITIVE_INFINITY;
  do {
    const query = {
      "list-type": "2",
      prefix,
      "encoding-type": "url",
      ...(most !== undefined && { "max-keys": String(Math.min(left, 1000)) }),
      ...(token !== undefined && { "continuation-token": token }),
    };
    const { text } = await client.send({ method: "GET", query }, options);
    for (const item of elementsIn(text, "Contents")) {
      if (left-- <= 0) return;
      yield {
        key: decodeKey(elementIn(item, "Key") ?? ""),
        size: Number(elementIn(item, "Size") ?? 0),
        etag: elementIn(item, "ETag") ?? "",
      };
    }
    token = elementIn(text, "NextContinuationToken");
  } while (token !== undefined && token !== "");
}

/** A key in an answer to `encoding-type=url`. */
export function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** Writes a small object. With `ifNew`, a service that knows `If-None-Match` refuses to replace one. */
export async function putObject(
  client: BucketClient,
  key: string,
  bytes: Uint8Array,
  {
    ifNew = false,
    type,
    ...options
  }: ReadOptions & { readonly ifNew?: boolean; readonly type?: string } = {},
): Promise<void> {
  const headers = { ...(ifNew && { "If-None-Match": "*" }), ...(type && { "Content-Type": type }) };
  try {
    await client.send({ method: "PUT", key, body: bytes, headers }, options);
  } catch (error) {
    if (!isRefusal(error, ["PreconditionFailed"], [412])) throw error;
    // An earlier attempt may have succeeded, and its answer was lost.
    const found = await headObject(client, key, options);
    const isOurs = found?.etag.replaceAll('"', "") === createHash("md5").update(bytes).digest("hex");
    if (!isOurs) throw error;
  }
}

/** Removes an object; one that is not there is no error. */
export async function deleteObject(client: BucketClient, key: string, options?: ReadOptions): Promise<void> {
  try {
    await client.send({ method: "DELETE", key }, options);
  } catch (error) {
    if (!isRefusal(error, ["NoSuchKey", "NotFound"], [404])) throw error;
  }
}

/** The bytes of a small object; undefined where there is none. Text only, which is all that is kept beside an output. */
export async function getText(
  client: BucketClient,
  key: string,
  options?: ReadOptions,
): Promise<string | undefined> {
  try {
    return (await client.send({ method: "GET", key }, options)).text;
  } catch (error) {
    if (isRefusal(error, ["NoSuchKey", "NotFound"], [404])) return undefined;
    throw error;
  }
}
