import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../errors.js";
import { errorCode } from "../system/system-errors.js";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The settings that AWS's own tools would use. */
export interface AwsSettings {
  /** Undefined for anonymous requests. */
  readonly credentials: AwsCredentials | undefined;
  readonly region: string | undefined;
  /** The address of another service than AWS. */
  readonly endpoint: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings for reading buckets: from the environment variables that AWS's own tools read, then from the profile
 * that `AWS_PROFILE` names (`default` by default) in `~/.aws/credentials` and `~/.aws/config`. As with GDAL,
 * `AWS_NO_SIGN_REQUEST=yes` ignores all credentials.
 *
 * @throws UsageError for incomplete credentials, a profile that does not exist, or one without keys
 */
export async function awsSettings(environment: Environment): Promise<AwsSettings> {
  const named = environment["AWS_PROFILE"] || undefined;
  const profile = await readProfile(named ?? "default", environment);
  if (named !== undefined && profile === undefined) {
    throw new UsageError(
      `AWS_PROFILE=${named} is in neither ${credentialsFile(environment)} nor ${configFile(environment)}: use one that exists`,
    );
  }
  const values = profile ?? new Map<string, string>();
  return {
    credentials: isYes(environment["AWS_NO_SIGN_REQUEST"])
      ? undefined
      : (credentialsOf(environment) ?? credentialsIn(values, named)),
    region: environment["AWS_REGION"] || environment["AWS_DEFAULT_REGION"] || values.get("region"),
    endpoint:
      environment["AWS_ENDPOINT_URL_S3"] || environment["AWS_ENDPOINT_URL"] || values.get("endpoint_url"),
  };
}

function isYes(value = ""): boolean {
  return /^(yes|true|1|on)$/i.test(value);
}

function credentialsOf(environment: Environment): AwsCredentials | undefined {
  return pairUp(
    environment["AWS_ACCESS_KEY_ID"],
    environment["AWS_SECRET_ACCESS_KEY"],
    environment["AWS_SESSION_TOKEN"],
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  );
}

function credentialsIn(profile: Profile, named: string | undefined): AwsCredentials | undefined {
  const found = pairUp(
    profile.get("aws_access_key_id"),
    profile.get("aws_secret_access_key"),
    profile.get("aws_session_token"),
    "aws_access_key_id and aws_secret_access_key of a profile",
  );
  // A default profile without keys, as of somebody who signs in, must not prevent anonymous reading.
  if (found !== undefined || named === undefined) return found;
  const elsewhere = ELSEWHERE.find((key) => profile.has(key));
  if (elsewhere === undefined) return undefined;
  throw new UsageError(
    `AWS_PROFILE=${named} has ${elsewhere} instead of keys: run "eval $(aws configure export-credentials --profile ${named} --format env)" first`,
  );
}

const ELSEWHERE = ["sso_session", "sso_start_url", "role_arn", "credential_process", "login_session"];

function pairUp(id = "", secret = "", token = "", what = ""): AwsCredentials | undefined {
  if (id === "" && secret === "") return undefined;
  if (id === "" || secret === "") throw new UsageError(`${what} must both be set, but only one is set`);
  return { accessKeyId: id, secretAccessKey: secret, ...(token !== "" && { sessionToken: token }) };
}

type Profile = ReadonlyMap<string, string>;

/** A profile, merged from both files; the one with credentials takes precedence. */
async function readProfile(name: string, environment: Environment): Promise<Profile | undefined> {
  const [credentials, config] = await Promise.all(
    [credentialsFile(environment), configFile(environment)].map(readIfThere),
  );
  const found = [
    sectionOf(config ?? "", name === "default" ? ["default", "profile default"] : [`profile ${name}`]),
    sectionOf(credentials ?? "", [name]),
  ];
  if (found.every((section) => section === undefined)) return undefined;
  return new Map(found.flatMap((section) => [...(section ?? [])]));
}

function credentialsFile(environment: Environment): string {
  return environment["AWS_SHARED_CREDENTIALS_FILE"] || join(homedir(), ".aws", "credentials");
}

function configFile(environment: Environment): string {
  return environment["AWS_CONFIG_FILE"] || join(homedir(), ".aws", "config");
}

/** Files that are missing or cannot be read are ignored: most people have none, and public buckets need none. */
async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  });
}

/** The settings of the sections with one of these names; undefined where there is none. Nested settings are ignored. */
function sectionOf(text: string, names: readonly string[]): Profile | undefined {
  let found: Map<string, string> | undefined;
  let inside = false;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[\s*(.*?)\s*\]/.exec(line);
    if (header !== null) {
      inside = names.includes((header[1] ?? "").replace(/\s+/g, " "));
      if (inside) found ??= new Map();
      continue;
    }
    const [, key, value] = /^([A-Za-z0-9_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (inside && key !== undefined && value !== undefined) found?.set(key.toLowerCase(), value);
  }
  return found;
}
