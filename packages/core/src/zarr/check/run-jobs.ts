import type { ReadOptions } from "../../bytes/byte-source.js";
import type { Finding } from "../../findings/finding.js";

/** A piece of checking, and how many bytes of memory it takes while it runs. */
export interface Job {
  readonly cost: number;
  run(): Promise<readonly Finding[]>;
}

/** Enough to keep decompression in other threads busy while this one decodes. */
const AT_ONCE = 8;
/** One job may cost more than this, but then it runs alone. */
const BUDGET = 64 * 1024 * 1024;

/** Runs jobs, some at once, and yields what they find in the order of the jobs. */
export async function* runJobs(
  jobs: AsyncIterable<Job>,
  { signal }: ReadOptions = {},
): AsyncGenerator<Finding> {
  const waiting: { cost: number; findings: Promise<readonly Finding[]> }[] = [];
  let cost = 0;
  const oldest = async (): Promise<readonly Finding[]> => {
    const job = waiting.shift();
    if (job === undefined) return [];
    const findings = await job.findings;
    cost -= job.cost;
    return findings;
  };
  for await (const job of jobs) {
    while (waiting.length > 0 && (waiting.length >= AT_ONCE || cost + job.cost > BUDGET))
      yield* await oldest();
    signal?.throwIfAborted();
    const findings = job.run();
    // A later failure must not count as unhandled while an earlier job is still waited for.
    findings.catch(() => {});
    waiting.push({ cost: job.cost, findings });
    cost += job.cost;
  }
  while (waiting.length > 0) yield* await oldest();
}
