import { posix, resolve, sep } from "node:path";
import { UsageError } from "@ozx/core";
import { redactAddress, withoutImageSuffix } from "@ozx/core/internal";
import { isAddress, pathOrAddress } from "@ozx/core/internal/node";

/** What the outputs of several inputs end in. */
export type OutputSuffix = "ozx" | "zarr";

/** An input, and where its output goes. */
export interface NamedOutput {
  readonly input: string;
  /** A path or address below the folder of the outputs. */
  readonly output: string;
}

/**
 * Names an output for each input, by the path of the input below the folder that all inputs have in common, so that
 * inputs of one name in different folders get outputs of their own: `day1/a.zarr` and `day2/a.zarr` become
 * `packed/day1/a.ozx` and `packed/day2/a.ozx`.
 *
 * @param folder of the outputs
 * @throws UsageError where two inputs would become one output, or an input has no name
 */
export function nameOutputs(inputs: readonly string[], folder: string, suffix: OutputSuffix): NamedOutput[] {
  const paths = inputs.map(segmentsOf);
  const shared = commonLength(paths);
  const owners = new Map<string, string>();
  return inputs.map((input, index) => {
    const below = (paths[index] ?? []).slice(shared);
    const name = withoutImageSuffix(below.pop() ?? "");
    if (name === "") {
      throw new UsageError(`${redactAddress(input)} has no name to give to its output: convert it by itself`);
    }
    const output = joinBelow(folder, [...below, `${name}.${suffix}`]);
    // File systems that fold cases would take two names for one.
    const folded = output.toLowerCase();
    const owner = owners.get(folded);
    if (owner !== undefined) {
      throw new UsageError(
        `${redactAddress(owner)} and ${redactAddress(input)} would both become ${output}: convert one of them by itself`,
      );
    }
    owners.set(folded, input);
    return { input, output };
  });
}

/** The path of an input from its root, segment by segment; the last one is its own name. */
function segmentsOf(input: string): string[] {
  const path = pathOrAddress(input);
  if (!isAddress(path)) return resolve(path).split(sep);
  const url = path.replace(/[?#].*$/s, "");
  const [, server = "", below = ""] = /^([a-z0-9]+:\/\/[^/]*)(.*)$/i.exec(url) ?? [];
  const segments = below.split("/").filter((segment) => segment !== "");
  return [server, ...segments.map(withoutEscapes)];
}

/** A segment of an address as the name of a file. */
function withoutEscapes(segment: string): string {
  let name = segment;
  try {
    name = decodeURIComponent(segment);
  } catch {
    // A percent sign that escapes nothing.
  }
  // Of a name that would lead to another folder the escapes stay.
  return /[/\\]|^\.\.?$/.test(name) ? segment.replace(/^\.+$/, "_") : name;
}

/** How many segments all paths start with; their own names do not count. */
function commonLength(paths: readonly (readonly string[])[]): number {
  const [first = []] = paths;
  let length = Math.min(...paths.map((path) => path.length - 1));
  for (const path of paths) {
    let same = 0;
    while (same < length && path[same] === first[same]) same++;
    length = same;
  }
  return Math.max(0, length);
}

function joinBelow(folder: string, segments: readonly string[]): string {
  // An absolute path or the server of an address is a name below the folder like any other.
  const names = segments.map((segment) => segment.replace(/:?\/\//, "-").replace(/:$/, ""));
  const base = folder.replace(/[/\\]+$/, "");
  return [base === "" ? folder.slice(0, 1) : base, ...names.filter((name) => name !== "")].join(
    isAddress(folder) ? posix.sep : sep,
  );
}
