import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Credentials of every server that is started here. */
export const BUCKET_KEYS = { id: "AKINTEROP", secret: "secret/of+the=tests" };
export const BUCKET_REGION = "us-east-1";

/** Where `interop/setup.sh` installs the servers. */
const PATHS = {
  versitygw: fileURLToPath(new URL("../.cache/go/bin/versitygw", import.meta.url)),
  weed: fileURLToPath(new URL("../.venv/bin/weed", import.meta.url)),
};

/** A server that speaks S3, and how it is started. */
export interface BucketProgram {
  readonly name: string;
  readonly program: string;
  start(): Promise<RunningBucket>;
}

export interface RunningBucket {
  /** As for `AWS_ENDPOINT_URL`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** versitygw checks what AWS checks: regions, sizes of parts, checksums, signatures. */
export const versitygw: BucketProgram = {
  name: "versitygw",
  program: PATHS.versitygw,
  async start() {
    const port = await freePort();
    const env = { ROOT_ACCESS_KEY: BUCKET_KEYS.id, ROOT_SECRET_KEY: BUCKET_KEYS.secret };
    const args = (data: string) => ["--port", `127.0.0.1:${port}`, "--region", BUCKET_REGION, "posix", data];
    return run(PATHS.versitygw, port, args, env);
  },
};

export const seaweed: BucketProgram = {
  name: "SeaweedFS",
  program: PATHS.weed,
  async start() {
    const [port, master, volume, filer] = await Promise.all([freePort(), gap(), gap(), gap()]);
    const args = (data: string) => {
      const config = join(data, "s3.json");
      const credentials = [{ accessKey: BUCKET_KEYS.id, secretKey: BUCKET_KEYS.secret }];
      const identity = { name: "tests", credentials, actions: ["Admin", "Read", "Write", "List"] };
      writeFileSync(config, JSON.stringify({ identities: [identity] }));
      return [
        ...["server", `-dir=${data}`, "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", `-s3.port=${port}`],
        ...[
          `-s3.config=${config}`,
          `-master.port=${master}`,
          `-volume.port=${volume}`,
          `-filer.port=${filer}`,
        ],
        // Each bucket gets volumes of its own.
        ...["-volume.max=0", "-master.volumeSizeLimitMB=256"],
      ];
    };
    return run(PATHS.weed, port, args, {});
  },
};

async function run(
  program: string,
  port: number,
  argsFor: (data: string) => string[],
  env: Readonly<Record<string, string>>,
): Promise<RunningBucket> {
  const folder = mkdtempSync(join(tmpdir(), "ozx-bucket-"));
  const data = join(folder, "data");
  mkdirSync(data);
  const child = spawn(program, argsFor(data), {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  for (let attempt = 0; attempt < 300; attempt++) {
    const status = await fetch(url).then(
      (answer) => answer.status,
      () => undefined,
    );
    if (status !== undefined) return { url, stop };
    if (child.exitCode !== null) break;
    await setTimeout(100);
  }
  await stop();
  throw new Error(`${program} does not answer at ${url}`);
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.on("exit", () => resolve());
    child.kill("SIGTERM");
    setTimeout(5000).then(() => child.kill("SIGKILL"));
  });
}

/** A port from which the one 10,000 higher is free too: SeaweedFS uses that for gRPC. */
async function gap(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + 10_000 < 65_536) return port;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
