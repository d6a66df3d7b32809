import { parseUrl } from "../bytes/http/address.js";
import type { Fetch, HttpOptions } from "../bytes/http/http-options.js";
import { UnreadableError, UsageError } from "../errors.js";

/** What is asked for where a location names something on a server. */
export interface Addressed {
  /** Of http(s). */
  readonly address: string;
  /** What to call it in messages; the address where undefined. */
  readonly name?: string;
  readonly http: HttpOptions | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a location is in a bucket. */
export function isS3Address(location: string): boolean {
  return /^s3:\/\//i.test(location);
}

/** How a location on a server is asked for: an `http(s)` address as it is, an `s3://` one at its service. */
export async function resolveAddress(location: string, http: HttpOptions | undefined): Promise<Addressed> {
  return isS3Address(location) ? resolveS3(location, http) : { address: location, http };
}

/**
 * How an `s3://bucket/key` is asked for: the service of the region that `AWS_REGION` or `AWS_DEFAULT_REGION`
 * names, or the one at `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`. Signed where `AWS_ACCESS_KEY_ID` and
 * `AWS_SECRET_ACCESS_KEY` (and `AWS_SESSION_TOKEN`) are set, otherwise as anybody.
 *
 * @throws UsageError for an address without bucket or key, and for half of the credentials
 */
async function resolveS3(
  location: string,
  http: HttpOptions = {},
  environment: Environment = process.env,
): Promise<Addressed> {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/?#]*)\/?(.*)$/is.exec(location) ?? [];
  if (!/^[A-Za-z0-9._-]+$/.test(bucket) || key === "") {
    throw new UsageError(`${location} names no object: give it as in s3://bucket/folder/image.ozx`);
  }
  const named = environment["AWS_REGION"] || environment["AWS_DEFAULT_REGION"] || undefined;
  const region = named ?? DEFAULT_REGION;
  const base = baseOf(bucket, named, environment);
  const credentials = credentialsOf(environment);
  const send = http.fetch ?? ((url, init) => fetch(url, init));
  const signed = credentials ? await signing(credentials, region, base.origin, send) : send;
  return {
    address: `${base.href.replace(/\/+$/, "")}/${key.split("/").map(encode).join("/")}`,
    name: location,
    http: { ...http, fetch: explaining(signed, location, region, credentials !== undefined) },
  };
}

const DEFAULT_REGION = "us-east-1";
/** Names that can be part of a host's, and that a certificate for all buckets is good for: without dots. */
const HOST_LIKE = /^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/;

function baseOf(bucket: string, region: string | undefined, environment: Environment): URL {
  const endpoint = environment["AWS_ENDPOINT_URL_S3"] || environment["AWS_ENDPOINT_URL"];
  if (endpoint) {
    const url = parseUrl(`${endpoint.replace(/\/+$/, "")}/${bucket}`);
    if (url !== undefined) return url;
    throw new UsageError("AWS_ENDPOINT_URL is no address: it starts with http:// or https://");
  }
  const host = region === undefined ? "s3.amazonaws.com" : `s3.${region}.amazonaws.com`;
  return new URL(HOST_LIKE.test(bucket) ? `https://${bucket}.${host}` : `https://${host}/${bucket}`);
}

/** As the service's own names of objects are escaped in its signatures. */
function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

function credentialsOf(environment: Environment): Credentials | undefined {
  const accessKeyId = environment["AWS_ACCESS_KEY_ID"] ?? "";
  const secretAccessKey = environment["AWS_SECRET_ACCESS_KEY"] ?? "";
  const sessionToken = environment["AWS_SESSION_TOKEN"];
  if (accessKeyId === "" && secretAccessKey === "") return undefined;
  if (accessKeyId === "" || secretAccessKey === "") {
    throw new UsageError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed both, and only one is set");
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/** Loaded only where something is to be signed. What leads to another server is sent without a signature. */
async function signing(
  credentials: Credentials,
  region: string,
  origin: string,
  send: Fetch,
): Promise<Fetch> {
  const { AwsV4Signer } = await import("aws4fetch");
  return async (url, init) => {
    if (new URL(url).origin !== origin) return send(url, init);
    const { method, headers } = await new AwsV4Signer({
      ...credentials,
      ...{ url, region, service: "s3", method: init.method ?? "GET" },
      headers: new Headers(init.headers),
    }).sign();
    return send(url, { ...init, method, headers, redirect: "manual" });
  };
}

/** What is answered for a bucket in another region, said so that it can be helped: a signature is for one only. */
function explaining(send: Fetch, name: string, region: string, isSigned: boolean): Fetch {
  return async (url, init) => {
    const response = await send(url, init);
    const other = response.headers.get("x-amz-bucket-region");
    const isRefused = response.status === 400 && other !== null && other !== region;
    const canFollow = !isSigned && response.headers.has("location");
    if (!isRefused && (!isRedirect(response) || canFollow)) return response;
    await response.body?.cancel();
    throw new UnreadableError(
      other === null
        ? `${name} is somewhere else, as in another region: set AWS_REGION to the bucket's`
        : `${name} is in the region ${other}: set AWS_REGION=${other}`,
      { location: name },
    );
  };
}

function isRedirect({ status }: Response): boolean {
  return status >= 300 && status < 400 && status !== 304;
}
