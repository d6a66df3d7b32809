import { Engine, type EngineKind, type Instance } from "./engine.js";

const loading = new Map<EngineKind, Promise<Engine>>();
let best: Promise<Engine> | undefined;

/**
 * The engine of this thread: WebAssembly where it may be compiled and has SIMD, else plain JavaScript (pages whose
 * content security policy lacks `wasm-unsafe-eval`, Node with `--jitless`).
 *
 * @param kind one of them, for tests and measurements
 */
export function loadEngine(kind?: EngineKind): Promise<Engine> {
  if (kind !== undefined) return memoized(kind);
  best ??= memoized("simd").catch(() => memoized("plain"));
  return best;
}

function memoized(kind: EngineKind): Promise<Engine> {
  let engine = loading.get(kind);
  if (engine === undefined) {
    engine = kind === "simd" ? loadSimd() : loadPlain();
    loading.set(kind, engine);
  }
  return engine;
}

async function loadSimd(): Promise<Engine> {
  const { SIMD_WASM } = await import("./simd.generated.js");
  const module = await WebAssembly.compile(bytesOfBase64(SIMD_WASM));
  return new Engine("simd", () => new WebAssembly.Instance(module).exports as unknown as Instance);
}

async function loadPlain(): Promise<Engine> {
  const { instantiatePlain } = await import("./plain.generated.js");
  return new Engine("plain", () => instantiatePlain() as unknown as Instance);
}

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
