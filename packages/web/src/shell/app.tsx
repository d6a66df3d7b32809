import { Component, type ReactNode, Suspense, useEffect, useState } from "react";
import { DropZone } from "../open/drop-zone.js";
import { explainError } from "../open/explain-error.js";
import { useLaunchedFile, useSession } from "../open/session.js";
import { Failure, Welcome } from "../open/welcome.js";
import { useTasksOf } from "../workers/tasks.js";
import { Header } from "./header.js";
import { TABS } from "./tabs.js";

/** The page: a header that stays, and below it what is open. */
export function App() {
  const { session, open, close } = useSession();
  useLaunchedFile(open);
  useTasksOf(session);
  const [tabId, setTabId] = useState(TABS[0].id);
  const tab = TABS.find(({ id }) => id === tabId) ?? TABS[0];

  // What draws is large: fetched while nobody waits, it is there when something is dropped.
  useEffect(() => {
    const timer = setTimeout(() => void import("../image/image-tab.js").catch(() => {}), 400);
    return () => clearTimeout(timer);
  }, []);

  const name = nameOf(session);
  useEffect(() => {
    document.title = name === undefined ? "ozx: OME-Zarr in one file" : `${name} · ozx`;
  }, [name]);

  return (
    <DropZone onDrop={open}>
      <Header session={session} tab={tab} onTab={setTabId} onOpen={open} onClose={close} />
      {session.status === "empty" && <Welcome onOpen={open} />}
      {session.status === "opening" && <Waiting what={`Opening ${session.source.name} …`} />}
      {session.status === "failed" && (
        <div className="failed">
          <Failure failed={session.failed} onOpen={open} />
          {TABS.map(
            ({ id, Failed }) => Failed && <Suspense key={id}>{<Failed failed={session.failed} />}</Suspense>,
          )}
        </div>
      )}
      {session.status === "open" && (
        <main id="content" role="tabpanel" aria-labelledby={`tab-${tab.id}`}>
          <ErrorFence key={`${tab.id} ${session.turn}`}>
            <Suspense fallback={<Waiting what="Loading …" />}>
              <tab.Content key={session.turn} opened={session.opened} />
            </Suspense>
          </ErrorFence>
        </main>
      )}
    </DropZone>
  );
}

/** Nothing is shown of what takes a moment only, which would flicker. */
export function Waiting({ what }: { what: string }) {
  return (
    <p className="waiting" role="status" style={{ "--delay": "300ms" }}>
      {what}
    </p>
  );
}

function nameOf(session: ReturnType<typeof useSession>["session"]): string | undefined {
  if (session.status === "open") return session.opened.name;
  if (session.status === "opening") return session.source.name;
  return session.status === "failed" ? session.failed.source.name : undefined;
}

/** Catches what a section throws while it is drawn, so that the page around it stays. React has this as a class only. */
export class ErrorFence extends Component<{ children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (!("error" in this.state)) return this.props.children;
    const { title, message } = explainError(this.state.error);
    return (
      <div className="welcome" role="alert">
        <h1>{title}</h1>
        <p>{message}</p>
      </div>
    );
  }
}
