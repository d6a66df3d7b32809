import { UsageError } from "@ozx/core";

/** A variable in which an engine tells a task of an array which one it is. */
interface TaskVariable {
  readonly name: string;
  readonly engine: string;
  /** The number of the first task. */
  readonly first: 0 | 1;
}

const VARIABLES: readonly TaskVariable[] = [
  { name: "SLURM_ARRAY_TASK_ID", engine: "Slurm", first: 1 },
  { name: "AWS_BATCH_JOB_ARRAY_INDEX", engine: "AWS Batch", first: 0 },
  { name: "JOB_COMPLETION_INDEX", engine: "Kubernetes", first: 0 },
  { name: "PBS_ARRAY_INDEX", engine: "PBS", first: 1 },
  { name: "PBS_ARRAYID", engine: "Torque", first: 1 },
  { name: "SGE_TASK_ID", engine: "Grid Engine", first: 1 },
  { name: "LSB_JOBINDEX", engine: "LSF", first: 1 },
];

/** The variables, for help. */
export const TASK_VARIABLES: readonly string[] = VARIABLES.map(({ name }) => name);

/**
 * The part that a task of an array runs, from 0; undefined outside of arrays.
 *
 * @throws UsageError for a task 0 of an engine whose tasks count from 1 here: it would be nobody's part
 */
export function taskIndex(environment: Readonly<Record<string, string | undefined>>): number | undefined {
  for (const { name, engine, first } of VARIABLES) {
    const text = environment[name] ?? "";
    // Grid Engine says "undefined" and LSF 0 where a job is no array.
    if (!/^\d+$/.test(text) || (name === "LSB_JOBINDEX" && text === "0")) continue;
    const part = Number(text) - first;
    if (part >= 0) return part;
    throw new UsageError(
      `${name} is ${text}, and tasks of ${engine} count from 1: submit an array from 1 to the number of parts, or give --part`,
    );
  }
  return undefined;
}
