import { loadCodecs } from "@ozx/core/codecs";
import { DamagedSegmentError, UnsupportedSegmentError } from "../segment-fault.js";

/** A library that libraries/build.mjs has made one module of. */
export interface WasmModule {
  /** Its WebAssembly, as zlib in base64, and its bytes. */
  readonly WASM: string;
  readonly WASM_BYTES: number;
}

/** A library and how it is started. */
export interface WasmPackage<Module extends WasmModule, Library> {
  /** The compression that it decodes. */
  readonly name: string;
  /** Imports its module, which nobody pays for who has no such segment. */
  load(): Promise<Module>;
  /** Makes an instance. */
  start(module: Module, instantiateWasm: InstantiateWasm): Promise<Library>;
  /** The bytes of memory of an instance. */
  memoryOf(library: Library): number;
}

/** The hook of Emscripten that takes WebAssembly that is compiled already. */
export type InstantiateWasm = (
  imports: WebAssembly.Imports,
  done: (instance: WebAssembly.Instance) => void,
) => WebAssembly.Exports;

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
export function wasmLibrary<Module extends WasmModule, Library>(
  source: WasmPackage<Module, Library>,
): WasmLibrary<Library> {
  let loading: Promise<{ readonly module: Module; readonly wasm: WebAssembly.Module }> | undefined;
  let running: Promise<Library> | undefined;

  async function load(): Promise<Library> {
    try {
      loading ??= loadModule(source);
      running ??= loading.then(({ module, wasm }) => source.start(module, instantiate(wasm)));
      return await running;
    } catch (cause) {
      loading = undefined;
      running = undefined;
      throw new UnsupportedSegmentError(
        source.name,
        `needs the decoder of ${source.name}, which cannot run here: ${cause instanceof Error ? cause.message : String(cause)}`,
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

async function loadModule<Module extends WasmModule>({ load }: WasmPackage<Module, unknown>) {
  const [module, { zlib }] = await Promise.all([load(), loadCodecs()]);
  const packed = Uint8Array.from(atob(module.WASM), (character) => character.charCodeAt(0));
  const bytes = zlib.decode(packed, module.WASM_BYTES);
  return { module, wasm: await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>) };
}

function instantiate(wasm: WebAssembly.Module): InstantiateWasm {
  return (imports, done) => {
    const instance = new WebAssembly.Instance(wasm, imports);
    done(instance);
    return instance.exports;
  };
}
