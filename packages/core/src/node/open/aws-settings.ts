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

/** What AWS's own tools would use. */
export interface AwsSettings {
  /** Undefined where requests are sent as anybody. */
  readonly credentials: AwsCredentials | undefined;
  readonly region: string | undefined;
  /** In place of AWS's own service. */
  readonly endpoint: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where and as whom buckets are read, by the variables of the environment that AWS's own tools go by, and then by the
 * profile that `AWS_PROFILE` names, or `default`, of `~/.aws/credentials` and `~/.aws/config`. As with GDAL,
 * `AWS_NO_SIGN_REQUEST=yes` leaves all credentials aside.
 *
 * @throws UsageError for half of the credentials, a profile that is not there, or one that only says where to get them
 */
export async function awsSettings(environment: Environment): Promise<AwsSettings> {
  const named = environment["AWS_PROFILE"] || undefined;
  const profile = await readProfile(named ?? "default", environment);
  if (named !== undefined && profile === undefined) {
    throw new UsageError(
      `AWS_PROFILE=${named} is in neither ${credentialsFile(environment)} nor ${configFile(environment)}: name one that is there`,
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
  // One that only says how to get some, as by signing in, is no reason to read what is public as somebody.
  if (found !== undefined || named === undefined) return found;
  const elsewhere = ELSEWHERE.find((key) => profile.has(key));
  if (elsewhere === undefined) return undefined;
  throw new UsageError(
    `AWS_PROFILE=${named} has no keys but ${elsewhere}: run "eval $(aws configure export-credentials --profile ${named} --format env)" first`,
  );
}

const ELSEWHERE = ["sso_session", "sso_start_url", "role_arn", "credential_process", "login_session"];

function pairUp(id = "", secret = "", token = "", what = ""): AwsCredentials | undefined {
  if (id === "" && secret === "") return undefined;
  if (id === "" || secret === "") throw new UsageError(`${what} are needed both, and only one is set`);
  return { accessKeyId: id, secretAccessKey: secret, ...(token !== "" && { sessionToken: token }) };
}

type Profile = ReadonlyMap<string, string>;

/** A profile of both files; what the one with credentials says comes first. */
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

/** Most people have no such files, and nobody can read a bucket better for an error about them. */
async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  });
}

/** The settings of the sections with one of these names; undefined where there is none. Nested ones are left out. */
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
