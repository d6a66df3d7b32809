import { NetworkError, type OzxError, reasonOf, WriteFailedError } from "../../errors.js";

/** What a service answers instead of doing what it was asked for. */
export interface BucketRefusal {
  readonly status: number;
  /** The code in the body, as in `NoSuchUpload`; "" where there is none. */
  readonly code: string;
  /** The message in the body. */
  readonly message: string;
}

/** A request was answered with an error that the caller may expect. */
export class BucketRefusedError extends Error {
  override readonly name = "BucketRefusedError";

  constructor(readonly refusal: BucketRefusal) {
    super(`${refusal.status} ${refusal.code}: ${refusal.message}`);
  }
}

/** Whether an error is a refusal with one of these codes, or with one of these statuses and no code. */
export function isRefusal(
  error: unknown,
  codes: readonly string[],
  statuses: readonly number[] = [],
): error is BucketRefusedError {
  if (!(error instanceof BucketRefusedError)) return false;
  const { code, status } = error.refusal;
  return codes.includes(code) || (code === "" && statuses.includes(status));
}

/** The content of the first element of a name, without its entities; undefined where there is none. */
export function elementIn(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(quot|apos|lt|gt|amp|#(\d+)|#x([0-9a-f]+));/gi, (whole, entity, decimal, hex) => {
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    if (entity.startsWith("#")) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    return ENTITIES[entity.toLowerCase()] ?? whole;
  });
}

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" };

/** The contents of all elements of a name, which may have elements of their own. */
export function elementsIn(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map(([, inner = ""]) => inner);
}

/** Reads the error in the body of an answer. */
export function refusalIn(status: number, body: string): BucketRefusal {
  return { status, code: elementIn(body, "Code") ?? "", message: elementIn(body, "Message") ?? "" };
}

/** Statuses and codes that are worth another try. */
export function isTransient({ status, code }: BucketRefusal): boolean {
  return status === 408 || status === 429 || status >= 500 || TRANSIENT.has(code);
}

const TRANSIENT: ReadonlySet<string> = new Set([
  "RequestTimeout",
  "SlowDown",
  "InternalError",
  "ServiceUnavailable",
  "OperationAborted",
  "BadDigest",
]);

/**
 * The error for the person at the screen.
 *
 * @param name the address of the object
 */
export function writeRefused(name: string, refusal: BucketRefusal): OzxError {
  const { status, code, message } = refusal;
  const why = REASONS[code];
  const said = [code, message].filter((text) => text !== "").join(": ") || `status ${status}`;
  const text =
    why ??
    (status === 403 || status === 401
      ? "access is denied: the credentials need the permissions s3:PutObject and s3:AbortMultipartUpload"
      : status === 400 && code === ""
        ? NO_REASON
        : `the service answers ${said}`);
  return new WriteFailedError(
    `${name} cannot be written: ${text}`,
    { location: name },
    { cause: new BucketRefusedError(refusal) },
  );
}

/** An answer to HEAD has no body that would say more. */
const NO_REASON =
  "the service refuses the request with status 400, as for a bucket in another region: check AWS_REGION";

const REASONS: Readonly<Record<string, string>> = {
  NoSuchBucket: "the bucket does not exist: create it first, or check AWS_ENDPOINT_URL",
  InvalidAccessKeyId: "the service does not know the access key: check AWS_ACCESS_KEY_ID or AWS_PROFILE",
  XAdminUserNotFound: "the service does not know the access key: check AWS_ACCESS_KEY_ID or AWS_PROFILE",
  SignatureDoesNotMatch:
    "the signature is wrong: check AWS_SECRET_ACCESS_KEY, and AWS_REGION where it is set",
  AuthorizationHeaderMalformed: "the bucket is in another region: set AWS_REGION to it",
  ExpiredToken: "the session has expired: sign in again",
  RequestTimeTooSkewed: "the clock of this computer differs from the service's: set it",
  EntityTooLarge: "the service does not take an object of that size",
  NoSuchUpload: "the upload was aborted by somebody else: start it again",
  BadDigest: "what arrived differs from what was sent, each time: check the network",
  QuotaExceeded: "the quota of the bucket is used up: free some space there",
};

/** The error when no request came through. */
export function unreachable(name: string, error: unknown): NetworkError {
  return new NetworkError(
    `${name} cannot be written: ${reasonOf(error)}; check the network and AWS_ENDPOINT_URL`,
    { location: name },
    { cause: error },
  );
}
