import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ByteSource } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { sparseSource } from "../fixtures/sparse-source.js";

export interface CorpusArchive {
  readonly file: string;
  readonly expected: "ok" | "warn" | "error";
  readonly why: string;
}

export function readManifest(folder: string): CorpusArchive[] {
  const [, ...lines] = readFileSync(join(folder, "manifest.tsv"), "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [file = "", , , expected = "", , why = ""] = line.split("\t");
    if (expected !== "ok" && expected !== "warn" && expected !== "error") {
      throw new Error(`${file} has no verdict`);
    }
    return { file, expected, why };
  });
}

/** A real writer's archive around 4 GiB, of which only the bytes that are not zero are kept. */
interface SparseArchive {
  readonly size: number;
  readonly entries: readonly { readonly name: string; readonly size: number }[];
  readonly spans: readonly (readonly [number, string])[];
}

export function isSparse({ file }: CorpusArchive): boolean {
  return file.endsWith(".sparse.json");
}

export function readSparse(path: string): SparseArchive {
  return JSON.parse(readFileSync(path, "utf8")) as SparseArchive;
}

export function openCorpusArchive(path: string): ByteSource {
  if (!path.endsWith(".sparse.json")) return memorySource(readFileSync(path), path);
  const { size, spans } = readSparse(path);
  return sparseSource(
    size,
    spans.map(([at, base64]) => [at, Buffer.from(base64, "base64")]),
    path,
  );
}
