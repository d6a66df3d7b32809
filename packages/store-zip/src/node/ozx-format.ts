import type { ByteSink, StoreFormat, StoreTarget } from "@ozx/core";
import { ozxFormat as anywhere } from "../rfc9/ozx-format.js";
import { ozxTarget } from "../rfc9/ozx-target.js";
import { writeInParallel } from "./write-in-parallel.js";

/** `ozxFormat` as `@ozx/store-zip` has it, but that its archives are written by several threads. */
export const ozxFormat: StoreFormat & { target(sink: ByteSink): StoreTarget } = {
  ...anywhere,
  // The name by which what is built exports this.
  module: { href: new URL("./index.js", import.meta.url).href, name: "ozxFormat" },
  target: (sink) => ozxTarget(sink, writeInParallel),
};
