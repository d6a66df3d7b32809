import { Component, type ReactNode, Suspense, useCallback, useEffect, useState } from "react";
import { useBeside } from "../beside/use-beside.js";
import { Choice } from "../open/choice.js";
import { DropZone } from "../open/drop-zone.js";
import { explainError } from "../open/explain-error.js";
import { hashWithTab, replaceHash, tabOfHash, useArrivals } from "../open/page-address.js";
import { type Session, sourceOf, useLaunchedFile, useSession } from "../open/session.js";
import type { SourceInput } from "../open/source-input.js";
import { Failure, Welcome } from "../open/welcome.js";
import { useTasksOf } from "../workers/tasks.js";
import { Header } from "./header.js";
import { Section } from "./section.js";
import { TABS } from "./tabs.js";

/** The page: a header that is always shown, and below it the open source. */
export function App() {
  const { session, open, close } = useSession();
  useLaunchedFile(open);
  const source = sourceOf(session);
  useTasksOf(source);
  const arrivals = useArrivals();
  const beside = useBeside(source, arrivals);
  const [choices, setChoices] = useState<readonly SourceInput[]>([]);
  const openBeside = beside.open;
  const choose = useCallback(
    (sources: readonly SourceInput[], isBeside = false) => {
      const [only, second] = sources;
      if (only === undefined || second !== undefined) setChoices(sources);
      else if (isBeside) openBeside(only);
      else open(only);
    },
    [open, openBeside],
  );
  const [first, second, third] = choices;
  const [tabId, setTabId] = useState(TABS[0].id);
  const tab = TABS.find(({ id }) => id === tabId) ?? TABS[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address was arrived at
  useEffect(() => {
    setTabId((source && tabOfHash(location.hash, source.name)) ?? TABS[0].id);
  }, [source, arrivals]);
  const showTab = (id: string): void => {
    setTabId(id);
    if (source !== undefined)
      replaceHash(hashWithTab(location.hash, source.name, id === TABS[0].id ? undefined : id));
  };

  // The viewer is large: loaded while the page is idle, it is ready when a file is dropped, and else while one is opened.
  const isIdle = source === undefined;
  useEffect(() => {
    const timer = setTimeout(() => void preloadViewer().catch(() => {}), isIdle ? 400 : 0);
    return () => clearTimeout(timer);
  }, [isIdle]);

  const name = source?.name;
  useEffect(() => {
    document.title = name === undefined ? "ozx: OME-Zarr in one file" : `${name} · ozx`;
  }, [name]);

  return (
    <DropZone onDrop={choose} besideWhat={tab === TABS[0] ? imageOf(session) : undefined}>
      <Header session={session} tab={tab} onTab={showTab} onChoose={choose} onClose={close} />
      {choices.length > 0 && (
        <dialog className="choices" ref={showModal} onClose={() => setChoices([])}>
          <Choice
            title={`Which of the ${choices.length}?`}
            text="Close this to keep what is open."
            sources={choices.map((one) => ({ title: one.name, source: one }))}
            onOpen={(one) => {
              setChoices([]);
              open(one);
            }}
          />
          <form method="dialog">
            {first !== undefined && second !== undefined && third === undefined && (
              <button
                type="button"
                onClick={() => {
                  setChoices([]);
                  beside.openWith(first, second);
                  open(first);
                }}
              >
                Both, side by side
              </button>
            )}
            <button type="submit">Cancel</button>
          </form>
        </dialog>
      )}
      {session.status === "empty" && <Welcome onOpen={open} onChoose={choose} />}
      {session.status === "opening" && <Waiting text={`Opening ${session.source.name} …`} />}
      {session.status === "failed" && (
        <div className="failed">
          <Failure failed={session.failed} onOpen={open} onChoose={choose} />
          {TABS.map(
            ({ id, Failed }) => Failed && <Suspense key={id}>{<Failed failed={session.failed} />}</Suspense>,
          )}
        </div>
      )}
      {session.status === "open" && (
        <main className="content">
          <div id="content" className="content" role="tabpanel" aria-labelledby={`tab-${tab.id}`}>
            <ErrorBoundary key={`${tab.id} ${session.turn}`}>
              <Section load={tab.load} props={{ opened: session.opened, beside }}>
                <Waiting text="Loading …" />
              </Section>
            </ErrorBoundary>
          </div>
        </main>
      )}
    </DropZone>
  );
}

async function preloadViewer(): Promise<void> {
  const { loadPainter } = await import("../image/image-tab.js");
  await loadPainter();
}

/** The name of the source whose image is shown; undefined where none is. */
function imageOf(session: Session): string | undefined {
  const isImage = session.status === "open" && session.opened.node.images.length > 0;
  return isImage ? session.opened.name : undefined;
}

function showModal(dialog: HTMLDialogElement | null): void {
  dialog?.showModal();
}

/** A line of text while something loads. It appears after 300 ms, because a shorter wait would flicker. */
function Waiting({ text }: { text: string }) {
  return (
    <p className="waiting" role="status" style={{ "--delay": "300ms" }}>
      {text}
    </p>
  );
}

/** Shows an error that a section throws while rendering, so that the rest of the page keeps working. */
// A class, because React has no hook for error boundaries.
class ErrorBoundary extends Component<{ children: ReactNode }, { error?: unknown }> {
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
