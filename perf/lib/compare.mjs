import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, measure } from "./measure.mjs";
import { formatTable, median } from "./table.mjs";
import { remove } from "./workspace.mjs";

/**
 * Runs all contenders in turn, once per round, so that other load on the machine affects all of them, and prints a table
 * of their times and their ratios to the baseline of the same round.
 *
 * @param contenders each with a `name`; `run(out)`, which returns a command that writes `out`, with or without a suffix;
 *   and optionally `needs`, a required program, and `cwd`
 * @param options `baseline`, the name of a contender; `rounds`; `only`, the names of the contenders to run besides the
 *   baseline; `workspace`, the folder for outputs; `keep`, whether outputs are removed only after the last round
 */
export async function compare(title, contenders, { baseline, rounds, only, workspace, keep = false }) {
  const running = contenders.filter(
    ({ name, needs }) =>
      name === baseline || ((!only || only.includes(name)) && (!needs || isInstalled(needs))),
  );
  const kept = join(workspace, "kept");
  if (keep) mkdirSync(kept, { recursive: true });
  const runs = new Map(running.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, cwd } of running) {
      const out = join(workspace, "out");
      status(`${title}: round ${round + 1}, ${name}`);
      // Flushes what the previous contender has left in the cache.
      execFileSync("sync");
      runs.get(name).push(await measure(run(out), { cwd }));
      for (const suffix of ["", ".ozx", ".zip", ".zarr"]) {
        if (keep && existsSync(out + suffix)) renameSync(out + suffix, join(kept, `${name} ${round}`));
        else remove(out + suffix);
      }
    }
  }
  remove(kept);
  status("");
  const base = runs.get(baseline);
  const rows = running.map(({ name }) => {
    const own = runs.get(name);
    const seconds = own.map((run) => run.seconds);
    const ratios = own.map((run, round) => run.seconds / base[round].seconds);
    const cpu = median(own.map((run) => run.cpu ?? Number.NaN));
    const rss = Math.max(...own.map((run) => run.rss ?? Number.NaN));
    const cells = [median(seconds), Math.min(...seconds), median(ratios), Math.min(...ratios), cpu];
    return [name, ...cells.map((cell) => cell.toFixed(2)), rss.toFixed(0)];
  });
  const header = ["", "median s", "min s", `× ${baseline}`, "min ×", "CPU s", "RSS MiB"];
  console.log(`${title}\n\n${formatTable(header, rows)}\n`);
}

function status(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\u001b[K`);
}
