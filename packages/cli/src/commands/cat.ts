import { type Store, UsageError } from "@ozx/core";
import { parseJsonObject } from "@ozx/core/container";
import { stringifyJson } from "@ozx/core/internal";
import { openPath } from "@ozx/core/node";
import type { Command } from "commander";
import { formats } from "../formats.js";
import { type HttpFlags, httpOptions, withHttpOptions } from "../options/http-options.js";
import { missingKey, toKey } from "../options/key-argument.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible } from "../terminal/interruption.js";
import { createDataWriter, createOutput } from "../terminal/output.js";

interface CatFlags extends HttpFlags {
  readonly json?: boolean;
}

export function defineCat(command: Command): Command {
  command
    .description(
      "Writes the bytes of one key to the standard output, as they are stored: chunks are not decoded.",
    )
    .argument("<file>", "an OME-Zarr folder, an .ozx or a zip, or an address of one")
    .argument("<key>", "a key as ozx ls prints it, such as zarr.json")
    .option("--json", "indent a metadata document, with one member a line")
    .action(async (file: string, key: string, { json = false, ...flags }: CatFlags) => {
      const servers = httpOptions(flags, [file]);
      await interruptible(async (signal) => {
        const store = await openPath(file, { formats, signal, ...servers });
        try {
          await (json ? writeDocument(store, key, signal) : write(store, key, signal));
        } finally {
          await store.close();
        }
      });
    });
  return withHelp(withHttpOptions(command), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx cat --json image.ozx zarr.json"],
    ["ozx cat image.ozx zarr.json | jq .attributes.ome"],
    ["ozx cat image.ozx 0/c/0/0/0/0 > chunk"],
  ],
};

async function writeDocument(store: Store, name: string, signal: AbortSignal): Promise<void> {
  const key = toKey(name);
  const bytes = await store.get(key, { signal });
  if (bytes === undefined) throw await missingKey(store, key, { signal });
  const document = parseJsonObject(bytes, { location: store.name, path: key.slice(1) });
  createOutput().data(new TextDecoder().decode(stringifyJson(document)));
}

async function write(store: Store, name: string, signal: AbortSignal): Promise<void> {
  const key = toKey(name);
  const stream = await store.stream(key, { signal });
  if (stream === undefined) throw await missingKey(store, key, { signal });
  const writer = createDataWriter(process.stdout);
  let isFirst = true;
  for await (const piece of stream) {
    if (isFirst && process.stdout.isTTY && !looksLikeText(piece)) {
      throw new UsageError(
        `${key.slice(1)} is binary, and the standard output is a terminal: send it to a pipe or a file, as in ozx cat … > chunk`,
      );
    }
    isFirst = false;
    // The next piece may be read into the same buffer.
    await writer.write(piece);
    await writer.flush();
  }
}

/** Whether the start of a value is text: a terminal would run other bytes as commands. */
function looksLikeText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 4096);
  if (start.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) return false;
  try {
    // The start may end inside a multi-byte character.
    new TextDecoder("utf-8", { fatal: true }).decode(start, { stream: true });
    return true;
  } catch {
    return false;
  }
}
