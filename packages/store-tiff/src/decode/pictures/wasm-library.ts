import { DamagedSegmentError, UnsupportedSegmentError } from "../segment-fault.js";

/** A decoder in WebAssembly, as a package of npm has it. */
export interface WasmPackage<Library> {
  /** The compression that it decodes. */
  readonly name: string;
  /** Its `.wasm` as a module specifier, for Node. */
  readonly file: string;
  /** Its `.wasm` for browsers: `new URL(file, import.meta.url)`, which bundlers look for. */
  address(): URL;
  /** Makes an instance. */
  start(wasm: WebAssembly.Module): Promise<Library>;
  /** The memory of an instance. */
  memoryOf(library: Library): number;
}

/** A library of this thread. */
export interface WasmLibrary<Library> {
  /**
   * Decodes with the library, which is loaded on first use. After an error its memory may be damaged: the next segment
   * gets a new instance, and so it does after a very large segment, as WebAssembly keeps all memory that it ever had.
   *
   * @throws DamagedSegmentError for whatever `decode` throws that is no error of ours; UnsupportedSegmentError where the
   *   library cannot be loaded
   */
  use<Result>(decode: (library: Library) => Result): Promise<Result>;
}

/** An instance with more memory is not kept. */
const MOST_MEMORY = 256 * 1024 * 1024;

/** A library that is loaded on first use, once a thread. */
export function wasmLibrary<Library>(source: WasmPackage<Library>): WasmLibrary<Library> {
  let compiled: Promise<WebAssembly.Module> | undefined;
  let running: Promise<Library> | undefined;

  async function load(): Promise<Library> {
    try {
      compiled ??= compile(source);
      running ??= compiled.then((wasm) => source.start(wasm));
      return await running;
    } catch (cause) {
      compiled = undefined;
      running = undefined;
      throw new UnsupportedSegmentError(
        source.name,
        `needs the decoder of ${source.name}, which could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
  }

  return {
    async use(decode) {
      const library = await load();
      try {
        const result = decode(library);
        if (source.memoryOf(library) > MOST_MEMORY) running = undefined;
        return result;
      } catch (error) {
        running = undefined;
        if (error instanceof DamagedSegmentError || error instanceof UnsupportedSegmentError) throw error;
        throw new DamagedSegmentError(source.name, "does not decode", { cause: error });
      }
    },
  };
}

async function compile({ file, address }: WasmPackage<unknown>): Promise<WebAssembly.Module> {
  const bytes = await readInNode(file);
  if (bytes !== undefined) return WebAssembly.compile(bytes);
  const response = await fetch(address());
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}`);
  // Not `compileStreaming`, which needs servers to know the type.
  return WebAssembly.compile(await response.arrayBuffer());
}

interface NodeProcess {
  getBuiltinModule?(name: "node:module"): { createRequire(from: string): { resolve(name: string): string } };
  getBuiltinModule?(name: "node:fs/promises"): { readFile(path: string): Promise<Uint8Array<ArrayBuffer>> };
}

/** A file of a package that is installed; undefined in browsers. Asked for at run time, as browsers have no modules of Node. */
async function readInNode(specifier: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { process } = globalThis as { process?: NodeProcess };
  const modules = process?.getBuiltinModule?.("node:module");
  const files = process?.getBuiltinModule?.("node:fs/promises");
  if (modules === undefined || files === undefined) return undefined;
  return files.readFile(modules.createRequire(import.meta.url).resolve(specifier));
}

/** The hook of Emscripten that takes a module that is compiled already. */
export type InstantiateWasm = (
  imports: WebAssembly.Imports,
  done: (instance: WebAssembly.Instance) => void,
) => WebAssembly.Exports;

/** Makes Emscripten's code use a compiled module, in place of a file that it would look for itself. */
export function instantiate(wasm: WebAssembly.Module): InstantiateWasm {
  return (imports, done) => {
    const instance = new WebAssembly.Instance(wasm, imports);
    done(instance);
    return instance.exports;
  };
}
