import { UsageError } from "@ozx/core";

/** Throws `UsageError` for a verb of other programs, with ours that does the same. */
export function refuseOtherName(verb: string | undefined): void {
  const instead = verb === undefined ? undefined : INSTEAD.get(verb);
  if (instead !== undefined) throw new UsageError(`there is no ozx ${verb}: ${instead}`);
}

const PACKS = '"ozx convert image.zarr image.ozx" packs a folder into one file';
const UNPACKS = '"ozx convert image.ozx image.zarr" unpacks it';
const LISTS = '"ozx ls image.ozx" lists what is in it';
const CHECKS = '"ozx validate image.ozx" checks it';

const INSTEAD: ReadonlyMap<string, string> = new Map([
  ...["pack", "zip", "create", "add"].map((verb) => [verb, PACKS] as const),
  ...["unpack", "unzip", "extract"].map((verb) => [verb, UNPACKS] as const),
  ...["list", "tree"].map((verb) => [verb, LISTS] as const),
  ...["check", "test", "lint"].map((verb) => [verb, CHECKS] as const),
  ["compare", '"ozx verify image.zarr image.ozx" compares two'],
  ["diff", '"ozx verify image.zarr image.ozx" compares two'],
  ["repair", '"ozx fix image.ozx" mends it'],
  ["show", '"ozx view image.ozx" shows it in the browser, "ozx info image.ozx" says what is in it'],
  ["open", '"ozx view image.ozx" shows it in the browser'],
  ["version", '"ozx --version" prints the version'],
]);
