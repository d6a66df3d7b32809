import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const BIN = fileURLToPath(new URL("../../../cli/bin/ozx.js", import.meta.url));

/** What `ozx validate --json` says of a file, whether it is valid or not. */
export async function validateWithCommand(path: string): Promise<CommandReport> {
  const { stdout } = await run(process.execPath, [BIN, "validate", "--json", path]).catch(
    (error: { stdout: string }) => error,
  );
  const { reports } = JSON.parse(stdout) as { reports: [CommandReport] };
  return reports[0];
}

/** `ozx convert`. */
export async function convertWithCommand(input: string, output: string): Promise<void> {
  await run(process.execPath, [BIN, "convert", "--quiet", input, output]);
}

export interface CommandReport {
  readonly valid: boolean;
  readonly findings: readonly { rule: string; severity: string; count: number; help: string }[];
  readonly specifications: readonly { id: string; verdict: string }[];
}

/** One entry as Python's `zipfile` has it. */
export interface PythonEntry {
  readonly name: string;
  readonly size: number;
  readonly offset: number;
  readonly method: number;
}

/** Reads an archive with Python's `zipfile`, which checks the CRC of every entry. */
export async function readWithPython(path: string): Promise<PythonEntry[]> {
  const { stdout } = await run("python3", ["-c", SCRIPT, path], { maxBuffer: 64e6 });
  return JSON.parse(stdout) as PythonEntry[];
}

const SCRIPT = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    print(json.dumps([{"name": e.filename, "size": e.file_size, "offset": e.header_offset,
                       "method": e.compress_type} for e in archive.infolist()]))
`;
