import { checkHeaders, type HttpOptions, UsageError } from "@ozx/core";
import { isAddress } from "@ozx/core/node";
import type { Command } from "commander";

/** The options of every command that takes an address. */
export interface HttpFlags {
  readonly header?: Readonly<Record<string, string>>;
}

/** Adds the options that say how a server is asked. */
export function withHttpOptions(command: Command): Command {
  return command.option(
    "--header <text>",
    'send this to the server, as in "Authorization: Bearer …"; may be given again',
    addHeader,
  );
}

function addHeader(text: string, earlier: HttpFlags["header"] = {}): HttpFlags["header"] {
  const colon = text.indexOf(":");
  // What was given is not shown: it may be a password.
  if (colon < 0) throw new UsageError('--header takes a name and a value, as in "Authorization: Bearer …"');
  const headers = { ...earlier, [text.slice(0, colon).trim()]: text.slice(colon + 1).trim() };
  checkHeaders(headers);
  return headers;
}

/**
 * How the servers of these paths are asked.
 *
 * @throws UsageError where headers are given and there are several servers, of which one should not have them
 */
export function httpOptions({ header }: HttpFlags, paths: readonly string[]): HttpOptions {
  if (header === undefined) return {};
  const servers = new Set(paths.filter((path) => isAddress(path)).map(serverOf));
  if (servers.size > 1) {
    throw new UsageError(
      `--header is for one server, and these are ${[...servers].join(" and ")}: ask each with a command of its own`,
    );
  }
  return { headers: header };
}

function serverOf(address: string): string {
  const end = address.indexOf("/", address.indexOf("://") + 3);
  // Without the name and password that may stand before the host.
  return (end < 0 ? address : address.slice(0, end)).replace(/\/\/.*@/, "//").toLowerCase();
}
