import { UsageError } from "@ozx/core";

/** Reads the value of `--jobs`. */
export function parseJobs(text: string): number {
  const jobs = /^\d+$/.test(text) ? Number(text) : 0;
  if (jobs >= 1 && jobs <= MOST) return jobs;
  throw new UsageError(`--jobs ${text} is not understood: give a number of threads, from 1 to ${MOST}`);
}

const MOST = 256;
