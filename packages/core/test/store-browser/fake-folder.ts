import type { AbsolutePath } from "../../src/index.js";

/**
 * A folder as the File System API gives it to a page, over a map: what of the API the store uses, with the
 * exceptions that the standard asks for.
 */
export function fakeFolder(entries: ReadonlyMap<AbsolutePath, Uint8Array>): FileSystemDirectoryHandle {
  return directoryHandle("image.zarr", entries, "/");
}

function directoryHandle(
  name: string,
  entries: ReadonlyMap<AbsolutePath, Uint8Array>,
  node: string,
): FileSystemDirectoryHandle {
  const children = new Map<string, "file" | "directory">();
  for (const key of entries.keys()) {
    if (!key.startsWith(node)) continue;
    const [child = "", ...rest] = key.slice(node.length).split("/");
    children.set(child, rest.length === 0 ? "file" : "directory");
  }
  const open = (child: string, kind: "file" | "directory"): unknown => {
    if (child === "" || child === "." || child === ".." || child.includes("/")) {
      throw new TypeError("Name is not allowed.");
    }
    const found = children.get(child);
    if (found === undefined) throw new DOMException("not found", "NotFoundError");
    if (found !== kind) throw new DOMException("not of this kind", "TypeMismatchError");
    return kind === "file"
      ? fileHandle(child, entries.get(`${node}${child}` as AbsolutePath))
      : directoryHandle(child, entries, `${node}${child}/`);
  };
  const handle = {
    kind: "directory",
    name,
    getFileHandle: async (child: string) => open(child, "file"),
    getDirectoryHandle: async (child: string) => open(child, "directory"),
    async *values() {
      // In no order, as the standard has it.
      for (const [child, kind] of [...children].reverse()) yield open(child, kind);
    },
  };
  return handle as unknown as FileSystemDirectoryHandle;
}

function fileHandle(name: string, bytes: Uint8Array = new Uint8Array(0)): FileSystemFileHandle {
  const getFile = async (): Promise<File> => new File([new Uint8Array(bytes)], name);
  return { kind: "file", name, getFile } as unknown as FileSystemFileHandle;
}
