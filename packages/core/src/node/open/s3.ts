import type { Fetch, HttpOptions } from "../../bytes/http/http-address.js";
import {
  bucketAddress,
  isS3Address,
  objectPath,
  parseS3Address,
  parseUrl,
} from "../../bytes/http/http-address.js";
import { UnreadableError, UsageError } from "../../errors.js";
import { type AwsCredentials, awsSettings, type Environment } from "./aws-settings.js";

/** How an object on a server is requested. */
export interface ResolvedAddress {
  /** The `http(s)` address. */
  readonly address: string;
  /** The name in messages; the address by default. */
  readonly name?: string;
  readonly http: HttpOptions | undefined;
}

/** How an address is requested: an `http(s)` address as it is, an `s3://` one from its service. */
export async function resolveAddress(
  location: string,
  http: HttpOptions | undefined,
): Promise<ResolvedAddress> {
  return isS3Address(location) ? resolveS3(location, http) : { address: location, http };
}

/**
 * How `s3://bucket/key` is requested: signed or anonymously, from AWS or another service, by {@link awsSettings}. A
 * bucket in another region is requested there.
 *
 * @throws UsageError for an address without bucket or key, and for invalid settings
 */
async function resolveS3(location: string, http: HttpOptions | undefined): Promise<ResolvedAddress> {
  const { bucketUrl, key, ...request } = await resolveBucket(location, http);
  return { ...request, address: `${bucketUrl}/${objectPath(key)}`, name: location };
}

/** How requests to a bucket are sent. */
export interface ResolvedBucket {
  /** The address of the bucket, without a slash at its end. */
  readonly bucketUrl: string;
  readonly bucket: string;
  /** The key of the object that was named. */
  readonly key: string;
  readonly http: HttpOptions & { readonly fetch: Fetch };
}

/** As {@link resolveAddress}, for requests to the bucket of an `s3://` address and to other objects in it. */
export async function resolveBucket(
  location: string,
  http: HttpOptions = {},
  environment: Environment = process.env,
): Promise<ResolvedBucket> {
  const { bucket, key } = parseS3Address(location);
  const { credentials, region, endpoint } = await awsSettings(environment);
  const base = baseOf(bucket, region, endpoint);
  const send = http.fetch ?? ((url, init) => fetch(url, init));
  const sign = credentials && (await signing(credentials));
  const inRegion = (named: string | undefined): Fetch => {
    const there = baseOf(bucket, named, endpoint);
    return async (url, init) => {
      // A redirect to another server is followed without a signature.
      if (new URL(url).origin !== base.origin) return send(url, init);
      const moved = there.href + url.slice(base.href.length);
      return send(moved, sign ? await sign(moved, init, named ?? DEFAULT_REGION) : init);
    };
  };
  return {
    bucketUrl: base.href,
    bucket,
    key,
    http: { ...http, fetch: findingRegion(inRegion, location, region, sign !== undefined) },
  };
}

const DEFAULT_REGION = "us-east-1";

/** The address of a bucket. */
interface Base {
  /** Without a slash at its end. */
  readonly href: string;
  readonly origin: string;
}

function baseOf(bucket: string, region: string | undefined, endpoint: string | undefined): Base {
  const url = endpoint
    ? parseUrl(`${endpoint.replace(/\/+$/, "")}/${bucket}`)
    : bucketAddress(bucket, region);
  if (url !== undefined) return { href: url.href.replace(/\/+$/, ""), origin: url.origin };
  throw new UsageError("AWS_ENDPOINT_URL is not an address: it must start with http:// or https://");
}

type Sign = (url: string, init: RequestInit, region: string) => Promise<RequestInit>;

/** Loads the signer only when it is needed. */
async function signing(credentials: AwsCredentials): Promise<Sign> {
  const { AwsV4Signer } = await import("aws4fetch");
  return async (url, init, region) => {
    const { method, headers } = await new AwsV4Signer({
      ...credentials,
      ...{ url, region, service: "s3", method: init.method ?? "GET" },
      headers: new Headers(init.headers),
    }).sign();
    return { ...init, method, headers, redirect: "manual" };
  };
}

/** The name of a region, which becomes part of a host name. */
const REGION = /^[a-z0-9-]{1,40}$/;

/**
 * Sends requests to the known region, and when the service reports that the bucket is in another one, to that from then
 * on: a signature is for one region only.
 *
 * @throws UnreadableError with the setting to change, for a redirect that cannot be followed
 */
function findingRegion(
  inRegion: (region: string | undefined) => Fetch,
  name: string,
  region: string | undefined,
  isSigned: boolean,
): Fetch {
  let current = region;
  return async (url, init) => {
    for (let moved = false; ; moved = true) {
      const asked = current;
      const response = await inRegion(asked)(url, init);
      const other = response.headers.get("x-amz-bucket-region");
      const isElsewhere = other !== null && other !== (asked ?? DEFAULT_REGION);
      const isRefused = isElsewhere && (response.status === 400 || isRedirect(response));
      const canFollow = !isSigned && response.headers.has("location");
      if (!isRefused && (!isRedirect(response) || canFollow)) return response;
      await response.body?.cancel();
      if (!isRefused || moved || !REGION.test(other)) throw elsewhere(name, other);
      current = other;
    }
  };
}

function elsewhere(name: string, region: string | null): UnreadableError {
  return new UnreadableError(
    region === null
      ? `${name} is at another address, probably in another region: set AWS_REGION to the region of the bucket`
      : `${name} is in the region ${region}: set AWS_REGION=${region}`,
    { location: name },
  );
}

function isRedirect({ status }: Response): boolean {
  return status >= 300 && status < 400 && status !== 304;
}
