import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort } from "./bucket-servers.js";
import { run } from "./run.js";

/** A Slurm of one node, on this computer. */
export interface RunningSlurm {
  /** For its commands. */
  readonly env: Readonly<Record<string, string>>;
  /** The state of a job as `scontrol` says it, as in `COMPLETED`; of an array, the states of its tasks. */
  states(job: string): Promise<string[]>;
  stop(): Promise<void>;
}

/** Starts the daemons that Slurm consists of, with a configuration of their own; no system service is needed. */
export async function startSlurm(): Promise<RunningSlurm> {
  const folder = mkdtempSync(join(tmpdir(), "ozx-slurm-"));
  const at = (name: string): string => join(folder, name);
  for (const name of ["state", "spool"]) mkdirSync(at(name));
  // munged refuses folders that others may write to.
  chmodSync(folder, 0o755);
  writeFileSync(at("key"), randomBytes(1024), { mode: 0o400 });
  const [host, control, node] = [hostname().split(".")[0] ?? "", await freePort(), await freePort()];
  const cpus = availableParallelism();
  writeFileSync(
    at("slurm.conf"),
    `ClusterName=tests
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${control}
SlurmdPort=${node}
SlurmUser=root
AuthInfo=socket=${at("munge.socket")},cred_expire=5
StateSaveLocation=${at("state")}
SlurmdSpoolDir=${at("spool")}
SlurmctldPidFile=${at("ctld.pid")}
SlurmdPidFile=${at("d.pid")}
SlurmctldLogFile=${at("ctld.log")}
SlurmdLogFile=${at("d.log")}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SchedulerParameters=sched_interval=1,bf_interval=1
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${cpus} State=UNKNOWN
PartitionName=main Nodes=${host} Default=YES State=UP
`,
  );
  const env = { SLURM_CONF: at("slurm.conf") };
  const daemons: ChildProcess[] = [];
  const start = (program: string, args: readonly string[]): void => {
    daemons.push(spawn(program, args, { stdio: "ignore", env: { ...process.env, ...env } }));
  };
  const stop = async (): Promise<void> => {
    for (const daemon of daemons.reverse()) daemon.kill("SIGTERM");
    await setTimeout(500);
    for (const daemon of daemons) if (daemon.exitCode === null) daemon.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  start("/usr/sbin/munged", [
    ...["--foreground", "--force", `--key-file=${at("key")}`, `--socket=${at("munge.socket")}`],
    ...[`--pid-file=${at("munge.pid")}`, `--log-file=${at("munge.log")}`, `--seed-file=${at("munge.seed")}`],
  ]);
  for (let attempt = 0; attempt < 50 && !existsSync(at("munge.socket")); attempt++) await setTimeout(50);
  start("/usr/sbin/slurmctld", ["-D", "-f", at("slurm.conf")]);
  start("/usr/sbin/slurmd", ["-D", "-f", at("slurm.conf"), "-N", host]);
  const ask = (program: string, args: readonly string[]): Promise<string> =>
    run("env", [`SLURM_CONF=${at("slurm.conf")}`, program, ...args]).catch(() => "");
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await ask("sinfo", ["-h", "-o", "%t"])).trim() === "idle") {
      return {
        env,
        stop,
        async states(job) {
          const text = await ask("scontrol", ["show", "job", job]);
          return Array.from(text.matchAll(/JobState=(\w+)/g), ([, state = ""]) => state);
        },
      };
    }
    await setTimeout(100);
  }
  await stop();
  throw new Error("Slurm does not become idle");
}
