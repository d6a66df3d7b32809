import { useCallback, useEffect, useReducer, useRef } from "react";
import { whyUnreachable } from "./explain-error.js";
import { rememberLast } from "./last-source.js";
import { openSource } from "./open-input.js";
import {
  type FailedSource,
  fileSource,
  handleOf,
  type OpenedSource,
  type SourceInput,
  urlSource,
} from "./source-input.js";

/** The state of the page: at most one source is open. */
export type Session =
  | { readonly status: "empty" }
  | { readonly status: "opening"; readonly source: SourceInput }
  | {
      readonly status: "open";
      readonly opened: OpenedSource;
      /** A new number for each source, used as a React key: no state of a section outlives its source. */
      readonly turn: number;
    }
  | { readonly status: "failed"; readonly failed: FailedSource };

type SessionAction =
  | { readonly type: "start"; readonly source: SourceInput }
  | { readonly type: "opened"; readonly opened: OpenedSource; readonly turn: number }
  | { readonly type: "failed"; readonly failed: FailedSource }
  | { readonly type: "closed" };

function sessionReducer(_session: Session, action: SessionAction): Session {
  switch (action.type) {
    case "start":
      return { status: "opening", source: action.source };
    case "opened":
      return { status: "open", opened: action.opened, turn: action.turn };
    case "failed":
      return { status: "failed", failed: action.failed };
    case "closed":
      return { status: "empty" };
  }
}

/** The source of a session; undefined where nothing was opened. */
export function sourceOf(session: Session): SourceInput | undefined {
  if (session.status === "open") return session.opened.source;
  if (session.status === "opening") return session.source;
  return session.status === "failed" ? session.failed.source : undefined;
}

/** The session, and functions to open another source in its place or to close it. */
interface SessionControl {
  readonly session: Session;
  open(source: SourceInput): void;
  close(): void;
}

/** Holds the open source. `?source=` in the page's own address is opened at the start. */
export function useSession(): SessionControl {
  const [session, dispatch] = useReducer(sessionReducer, { status: "empty" });
  const running = useRef<AbortController>(undefined);
  const opened = useRef<OpenedSource>(undefined);
  const turns = useRef(0);
  /** The address that the page's own address names. */
  const remembered = useRef<string>(undefined);

  const closeCurrent = useCallback(() => {
    running.current?.abort();
    void opened.current?.node.close();
    opened.current = undefined;
  }, []);

  const start = useCallback(
    async (source: SourceInput) => {
      closeCurrent();
      const controller = new AbortController();
      running.current = controller;
      dispatch({ type: "start", source });
      try {
        const result = await openSource(source, { signal: controller.signal });
        if (controller.signal.aborted) return void result.node.close();
        opened.current = result;
        dispatch({ type: "opened", opened: result, turn: ++turns.current });
      } catch (error) {
        const { signal } = controller;
        const reason = source.kind === "url" ? await whyUnreachable(error, source.url, { signal }) : error;
        if (!signal.aborted) dispatch({ type: "failed", failed: { source, error: reason } });
      }
    },
    [closeCurrent],
  );

  const open = useCallback(
    (source: SourceInput) => {
      remembered.current = source.kind === "url" ? source.url : undefined;
      rememberSource(remembered.current);
      void rememberLast(handleOf(source));
      void start(source);
    },
    [start],
  );

  const close = useCallback(() => {
    closeCurrent();
    remembered.current = undefined;
    rememberSource(undefined);
    dispatch({ type: "closed" });
  }, [closeCurrent]);

  useEffect(() => {
    const shown = addressedSource();
    if (shown !== undefined) void start(urlSource(shown));
    // Back and Forward go to what was open before; a file that was open is gone.
    const arrive = (): void => {
      const next = addressedSource();
      if (next === remembered.current) return;
      remembered.current = next;
      if (next !== undefined) return void start(urlSource(next));
      closeCurrent();
      dispatch({ type: "closed" });
    };
    remembered.current = shown;
    window.addEventListener("popstate", arrive);
    return () => {
      window.removeEventListener("popstate", arrive);
      closeCurrent();
    };
  }, [start, closeCurrent]);

  return { session, open, close };
}

/** The address of a source in the page's own. */
function addressedSource(): string | undefined {
  return new URLSearchParams(location.search).get("source") || undefined;
}

/** Puts an address into the page's own (`?source=`), so that the page can be reloaded and shared; files cannot be. */
function rememberSource(url: string | undefined): void {
  const page = new URL(location.href);
  if (page.searchParams.get("source") === (url ?? null)) return;
  page.hash = "";
  if (url === undefined) page.searchParams.delete("source");
  else page.searchParams.set("source", url);
  history.pushState(null, "", page);
}

/** Opens the file that the installed page was launched with, as by a double click on an `.ozx`. */
export function useLaunchedFile(open: (source: SourceInput) => void): void {
  useEffect(() => {
    window.launchQueue?.setConsumer(({ files: [handle] }) => {
      void handle?.getFile().then((file) => open(fileSource(file, handle)));
    });
  }, [open]);
}
