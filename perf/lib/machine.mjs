import { cpus, loadavg, release, totalmem, type } from "node:os";

/** The machine in one line, to print with the results. */
export function describeMachine() {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg()[0].toFixed(1);
  return `${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GiB, ${type()} ${release()}, Node ${process.version}, load ${load} at the start`;
}
