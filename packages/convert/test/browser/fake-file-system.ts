import type { AbsolutePath } from "@ozx/core";

/** A file system as a browser gives it to a page, over a map: what of the File System API the writers use. */
export interface FakeFileSystem {
  readonly files: Map<AbsolutePath, Uint8Array>;
  readonly folders: Set<string>;
  readonly root: FileSystemDirectoryHandle;
  /** Writes to files of this name fail, with an error of this name. */
  failing: { readonly file: string; readonly error: string } | undefined;
}

export function fakeFileSystem(): FakeFileSystem {
  const system: FakeFileSystem = {
    files: new Map(),
    folders: new Set(["/"]),
    get root() {
      return folderHandle(system, "/", "root");
    },
    failing: undefined,
  };
  return system;
}

function folderHandle(system: FakeFileSystem, path: string, name: string): FileSystemDirectoryHandle {
  const { files, folders } = system;
  const below = (child: string): AbsolutePath => `${path}${child}` as AbsolutePath;
  const handle = {
    kind: "directory",
    name,
    async getDirectoryHandle(child: string, { create = false } = {}) {
      if (files.has(below(child))) throw new DOMException("a file", "TypeMismatchError");
      if (!folders.has(`${below(child)}/`) && !create) throw new DOMException("none", "NotFoundError");
      folders.add(`${below(child)}/`);
      return folderHandle(system, `${below(child)}/`, child);
    },
    async getFileHandle(child: string, { create = false } = {}) {
      if (folders.has(`${below(child)}/`)) throw new DOMException("a folder", "TypeMismatchError");
      if (!files.has(below(child)) && !create) throw new DOMException("none", "NotFoundError");
      if (!files.has(below(child))) files.set(below(child), new Uint8Array(0));
      return fileHandle(system, below(child), child);
    },
    async removeEntry(child: string) {
      for (const key of files.keys()) {
        if (key === below(child) || key.startsWith(`${below(child)}/`)) files.delete(key);
      }
      for (const key of folders) if (key.startsWith(`${below(child)}/`)) folders.delete(key);
    },
    async *keys() {
      for (const key of [...files.keys(), ...folders]) {
        if (key !== path && key.startsWith(path)) yield key.slice(path.length).split("/")[0];
      }
    },
  };
  return handle as unknown as FileSystemDirectoryHandle;
}

function fileHandle(system: FakeFileSystem, path: AbsolutePath, name: string): FileSystemFileHandle {
  const createWritable = async (): Promise<object> => {
    // As the standard has it: written beside, in place on close, and never seen after abort.
    let bytes = new Uint8Array(0);
    return {
      async write(chunk: Uint8Array | { position: number; data: Uint8Array }) {
        if (system.failing?.file === name) throw new DOMException("fails", system.failing.error);
        const isPlain = chunk instanceof Uint8Array;
        const [position, data] = isPlain ? [bytes.length, chunk] : [chunk.position, chunk.data];
        const grown = new Uint8Array(Math.max(bytes.length, position + data.length));
        grown.set(bytes);
        grown.set(data, position);
        bytes = grown;
      },
      async close() {
        system.files.set(path, bytes);
      },
      async abort() {},
    };
  };
  const getFile = async (): Promise<File> => new File([new Uint8Array(system.files.get(path) ?? [])], name);
  return { kind: "file", name, createWritable, getFile } as unknown as FileSystemFileHandle;
}
