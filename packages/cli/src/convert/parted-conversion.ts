import type { TransferPlan } from "@ozx/convert";
import type { PlanFile } from "@ozx/convert/node";
import { type StoreFormat, UsageError } from "@ozx/core";
import { formatForName } from "@ozx/core/internal";
import { createChunkWorkers } from "@ozx/core/node";
import { formats } from "../formats.js";
import { type HttpFlags, httpOptions } from "../options/http-options.js";
import { createOutput } from "../terminal/output.js";
import type { ConvertRequest } from "./conversion-request.js";
import { type Conversion, openInput, planConversion } from "./plan-conversion.js";

/** The options of a conversion that a plan keeps. */
export type PlannedOptions = Pick<
  ConvertRequest,
  "selection" | "version" | "shard" | "codec" | "pyramid" | "method" | "memory" | "allowMissing" | "damage"
> & { readonly axes: string | undefined };

/**
 * The options of a request that a plan keeps.
 *
 * @param damage what the parts leave out, since they do not look for it
 */
export function plannedOptions(
  request: ConvertRequest,
  { damage }: Pick<Conversion, "damage">,
): PlannedOptions {
  const { selection, version, shard, codec, pyramid, method, memory, allowMissing, http } = request;
  return { selection, version, shard, codec, pyramid, method, memory, allowMissing, damage, axes: http.axes };
}

/**
 * The format of an output that is written in parts.
 *
 * @throws UsageError for a folder, which needs no plan
 */
export function partedFormat(output: string): StoreFormat {
  const format = formatForName(output, formats);
  if (format?.parts !== undefined) return format;
  throw new UsageError(
    `${output} cannot be written in parts: only a file that ends in .ozx can; write a folder with ozx convert`,
  );
}

/** A conversion that is planned again where it is needed, and what is open for it. */
export interface PlannedAgain {
  transfer(): Promise<TransferPlan>;
  /** Closes the input, if it was opened. */
  close(): Promise<void>;
}

/** Plans the conversion of a plan again, in another process. */
export function planAgain(
  plan: PlanFile,
  flags: HttpFlags & { readonly jobs?: number },
  signal: AbortSignal,
): PlannedAgain {
  const opened: { close(): Promise<void> }[] = [];
  return {
    async transfer() {
      const { axes, ...options } = plan.options as PlannedOptions;
      const request: ConvertRequest = {
        ...options,
        input: plan.input,
        output: plan.output,
        workers: flags.jobs,
        resume: false,
        verify: false,
        dryRun: false,
        // Whether it may be replaced is asked when it is.
        overwrite: true,
        quiet: true,
        http: { ...httpOptions(flags, [plan.input]), axes, allowMissing: options.allowMissing },
      };
      const workers = createChunkWorkers({ workers: flags.jobs });
      opened.push(workers);
      const input = await openInput(request, { workers, signal });
      opened.push(input);
      const out = createOutput({ quiet: true });
      return (await planConversion(request, input, { workers, out, signal })).transfer;
    },
    async close() {
      await Promise.all(opened.map((one) => one.close()));
    },
  };
}
