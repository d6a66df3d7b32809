import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The credentials that a bucket accepts, and its region. */
export interface BucketKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
}

/**
 * Whether a request without a body is signed with these keys by AWS Signature Version 4 for S3. Implemented from its
 * specification, independently of the code that ozx signs with.
 */
export function isSigned(request: IncomingMessage, keys: BucketKeys): boolean {
  const authorization = request.headers.authorization ?? "";
  const [, id, scope = "", signedHeaders = "", signature = ""] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  const time = headerOf(request, "x-amz-date");
  const day = time.slice(0, 8);
  if (id !== keys.accessKeyId || scope !== `${day}/${keys.region}/s3/aws4_request`) return false;
  if (headerOf(request, "x-amz-security-token") !== (keys.sessionToken ?? "")) return false;
  const names = signedHeaders.split(";");
  const required = ["host", ...Object.keys(request.headers).filter((name) => name.startsWith("x-amz-"))];
  if (!required.every((name) => names.includes(name))) return false;
  const canonical = [
    request.method,
    canonicalPath(request.url ?? ""),
    "",
    ...names.map((name) => `${name}:${headerOf(request, name).trim()}`),
    "",
    signedHeaders,
    headerOf(request, "x-amz-content-sha256"),
  ].join("\n");
  const hash = createHash("sha256").update(canonical).digest("hex");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, hash].join("\n");
  const key = [day, keys.region, "s3", "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${keys.secretAccessKey}`,
  );
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, "hex"));
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function headerOf({ headers }: IncomingMessage, name: string): string {
  return String(headers[name] ?? "");
}

/** The path with all but unreserved characters (RFC 3986, 2.3) escaped once. */
function canonicalPath(url: string): string {
  const bytes = Buffer.from(decodeURIComponent(url.replace(/[?#].*/, "")));
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9\-._~/]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
