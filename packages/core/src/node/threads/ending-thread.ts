import { getEnvironmentData, setEnvironmentData, Worker, type WorkerOptions } from "node:worker_threads";
import { surroundPlatformZlib } from "../../codecs/platform.js";

/**
 * What a thread shares with the one that ends it: how many calls of zlib it and the threads that it has started are
 * making, and whether it is to make no more.
 */
type Calls = Int32Array;
const MAKING = 0;
const ENDING = 1;

/** The key under which a thread finds its own {@link Calls}, after those of the threads that it was started by. */
const KEY = "ozx zlib calls";

/** In milliseconds. What must not be cut off is the start of a call, which is over at once: calls may take long. */
const LONGEST_WAIT = 1_000;
const NEXT_LOOK = 1;

const ofThisThread = (getEnvironmentData(KEY) ?? []) as readonly Calls[];
const started = new Set<Calls>();

/**
 * A thread that is not ended while it starts a call of zlib: between the creation of a stream and its initialization,
 * Node aborts the whole process ("close before init"), also at the end of the process. Its file calls
 * {@link announceZlibCalls}.
 */
export class EndingThread extends Worker {
  readonly #calls: Calls;

  constructor(file: URL, options: WorkerOptions) {
    const calls = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
    setEnvironmentData(KEY, [...ofThisThread, calls]);
    super(file, options);
    setEnvironmentData(KEY, ofThisThread);
    this.#calls = calls;
    if (started.size === 0) process.on("exit", stopCalls);
    started.add(calls);
    this.once("exit", () => {
      started.delete(calls);
      if (started.size === 0) process.off("exit", stopCalls);
    });
  }

  override async terminate(): Promise<number> {
    const calls = this.#calls;
    Atomics.store(calls, ENDING, 1);
    const last = performance.now() + LONGEST_WAIT;
    while (Atomics.load(calls, MAKING) > 0 && performance.now() < last) {
      await new Promise((resolve) => setTimeout(resolve, NEXT_LOOK));
    }
    return super.terminate();
  }
}

/** Waits until no thread makes a call, as the process ends. */
function stopCalls(): void {
  for (const calls of started) Atomics.store(calls, ENDING, 1);
  const last = performance.now() + LONGEST_WAIT;
  for (const calls of started) {
    let making = Atomics.load(calls, MAKING);
    while (making > 0 && performance.now() < last) {
      Atomics.wait(calls, MAKING, making, last - performance.now());
      making = Atomics.load(calls, MAKING);
    }
  }
}

/** Lets the threads that end this one know of its calls of zlib, from now on. */
export function announceZlibCalls(): void {
  surroundPlatformZlib((call) => {
    addCalls(1);
    const ending = ofThisThread.find((calls) => Atomics.load(calls, ENDING) === 1);
    if (ending !== undefined) {
      addCalls(-1);
      // Until it is ended.
      Atomics.wait(ending, ENDING, 1);
    }
    try {
      return call();
    } finally {
      addCalls(-1);
    }
  });
}

function addCalls(count: 1 | -1): void {
  for (const calls of ofThisThread) {
    Atomics.add(calls, MAKING, count);
    Atomics.notify(calls, MAKING);
  }
}
