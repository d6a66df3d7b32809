import { useCallback, useMemo, useState } from "react";
import { type SourceInput, urlSource } from "../open/source-input.js";
import { type BesideState, besideOfHash, withBeside } from "../share/beside-state.js";

/** What is open beside an image: another source, or another view of the same one. */
export type BesideInput = SourceInput | "same";

/** The picture beside, and functions to open another one and to close it. */
export interface BesideControl {
  /** Undefined where nothing is beside. */
  readonly input: BesideInput | undefined;
  /** Its view when it was opened, and since; kept while other sections are shown. */
  readonly kept: { state: BesideState } | undefined;
  /** @param view what it shows, as `formatViewState` has it */
  open(input: BesideInput, view?: string): void;
  /** Opens a source beside one that is opened at the same time. */
  openWith(first: SourceInput, second: SourceInput): void;
  close(): void;
  /** A fragment of the page's address with the picture beside. */
  address(hash: string): string;
}

interface Held {
  readonly source: SourceInput | undefined;
  readonly arrivals: number;
  readonly input: BesideInput | undefined;
  readonly kept: { state: BesideState } | undefined;
}

/** Holds what is beside the open source, which the page's own address may name. */
export function useBeside(source: SourceInput | undefined, arrivals: number): BesideControl {
  const [stored, setHeld] = useState<Held>(() => addressed(source, arrivals));
  const held =
    stored.source === source && stored.arrivals === arrivals ? stored : next(stored, source, arrivals);
  // While rendering: nothing stays beside another source than that it was opened for.
  if (held !== stored) setHeld(held);

  const open = useCallback(
    (input: BesideInput, view = "") => setHeld((old) => ({ ...old, ...opened(input, view) })),
    [],
  );
  const openWith = useCallback(
    (first: SourceInput, second: SourceInput) =>
      setHeld((old) => ({ source: first, arrivals: old.arrivals, ...opened(second, "") })),
    [],
  );
  const close = useCallback(() => setHeld((old) => ({ ...old, input: undefined, kept: undefined })), []);
  return useMemo(() => {
    const { input, kept } = held;
    return { input, kept, open, openWith, close, address: (hash) => withBeside(hash, kept?.state) };
  }, [held, open, openWith, close]);
}

function opened(input: BesideInput, view: string): Pick<Held, "input" | "kept"> {
  const source = input === "same" ? "." : input.kind === "url" ? input.url : undefined;
  return { input, kept: { state: { source, view, isCoupled: true } } };
}

function next(old: Held, source: SourceInput | undefined, arrivals: number): Held {
  // A file is in no address, and stays where the user has gone to another view of the same source.
  const isFile = typeof old.input === "object" && old.input.kind !== "url";
  return old.source === source && isFile ? { ...old, arrivals } : addressed(source, arrivals);
}

function addressed(source: SourceInput | undefined, arrivals: number): Held {
  const state = source && besideOfHash(location.hash, source.name);
  if (state?.source === undefined) return { source, arrivals, input: undefined, kept: undefined };
  const input = state.source === "." ? "same" : urlSource(state.source);
  return { source, arrivals, input, kept: { state } };
}
