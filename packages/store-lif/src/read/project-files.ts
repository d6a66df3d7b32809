import type { ByteSource, ReadOptions } from "@ozx/core";
import { type Cache, createCache, type FolderFiles } from "@ozx/virtual";

/** Bytes of decoded pictures that are kept. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** Files that are opened at once. */
const AT_ONCE = 8;

/** The files of a project, by their paths from its folder on. */
export interface ProjectFiles {
  /** Of the file that was opened first, in messages. */
  readonly name: string;
  /** Parts of pictures that are decoded, by what they are in memory. */
  readonly decoded: Cache<object, Uint8Array>;
  /** Opens a file, also where its name differs from that in the XML by upper and lower case; undefined where there is none. */
  open(path: string, options?: ReadOptions): Promise<ByteSource | undefined>;
}

/** @param files of the folder of a file, where case counts */
export function createProjectFiles(
  { name, folder }: ByteSource,
  files: FolderFiles,
  options?: ReadOptions,
): ProjectFiles {
  let listed: Promise<ReadonlyMap<string, string>> | undefined;
  // Folders on servers cannot be listed.
  const list = async (): Promise<ReadonlyMap<string, string>> => {
    const paths = (await folder?.list?.({ ...options, depth: DEEPEST })) ?? [];
    return new Map(paths.map((path) => [path.toLowerCase(), path]));
  };
  return {
    name,
    decoded: createCache(KEPT_BYTES, ({ length }) => length),
    async open(path, own) {
      listed ??= list();
      return files.open((await listed).get(path.toLowerCase()) ?? path, own);
    },
  };
}

/** Folders in which names are looked for: those of LAS X are one or two deep. */
const DEEPEST = 4;

/** What becomes of each input, in their order; some at once. */
export async function inTurn<In, Out>(
  inputs: readonly In[],
  work: (input: In) => Promise<Out>,
): Promise<Out[]> {
  const done: Out[] = [];
  for (let at = 0; at < inputs.length; at += AT_ONCE) {
    done.push(...(await Promise.all(inputs.slice(at, at + AT_ONCE).map(work))));
  }
  return done;
}
