import { UsageError } from "../../errors.js";

/** What an `s3://` address names. */
export interface BucketObject {
  readonly bucket: string;
  readonly key: string;
}

/** Whether a location is in a bucket. */
export function isS3Address(location: string): boolean {
  return /^s3:\/\//i.test(location);
}

/**
 * Takes an `s3://bucket/key` apart.
 *
 * @throws UsageError for an address without bucket or key, or with a key that no address can have
 */
export function parseS3Address(location: string): BucketObject {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/?#]*)\/?(.*)$/is.exec(location) ?? [];
  if (key.split("/").some((segment) => segment === "." || segment === "..")) {
    throw new UsageError(`${location} cannot be asked for: in addresses "." and ".." lead to another object`);
  }
  if (/^[A-Za-z0-9._-]+$/.test(bucket) && key !== "") return { bucket, key };
  throw new UsageError(`${location} names no object: give it as in s3://bucket/folder/image.ozx`);
}

/** Names that can be part of a host's, and that a certificate for all buckets is good for: without dots. */
const HOST_LIKE = /^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/;

/** Where Amazon's service has a bucket; without a region it is asked where all regions are known. */
export function bucketAddress(bucket: string, region?: string): URL {
  const host = region === undefined ? "s3.amazonaws.com" : `s3.${region}.amazonaws.com`;
  return new URL(HOST_LIKE.test(bucket) ? `https://${bucket}.${host}` : `https://${host}/${bucket}`);
}

/** The path of an object below its bucket. */
export function objectPath(key: string): string {
  return key.split("/").map(encode).join("/");
}

/**
 * Where anybody can ask for what an `s3://` address names, as long as its bucket is public.
 *
 * @throws UsageError for an address without bucket or key
 */
export function publicS3Address(location: string): string {
  const { bucket, key } = parseS3Address(location);
  return `${bucketAddress(bucket).href.replace(/\/$/, "")}/${objectPath(key)}`;
}

/** As the service's own names of objects are escaped in its signatures. */
function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
