import { type KeyboardEvent, useRef } from "react";
import { LockIcon } from "../open/icon.js";
import type { Session } from "../open/session.js";
import type { SourceInput } from "../open/source-input.js";
import { ChooseButtons } from "../open/ways-in.js";
import { TABS, type Tab } from "./tabs.js";
import "./header.css";

interface HeaderProps {
  readonly session: Session;
  readonly tab: Tab;
  onTab(id: string): void;
  onChoose(sources: readonly SourceInput[]): void;
  onClose(): void;
}

/** The header, the same for every section: the brand, the open source, its sections, and buttons to open another one. */
export function Header({ session, tab, onTab, onChoose, onClose }: HeaderProps) {
  const source = session.status === "open" ? session.opened.source : undefined;
  return (
    <header className="header">
      <button type="button" className="brand" onClick={onClose} title="Close the image">
        <img src="./icon.svg" alt="" width="24" height="24" />
        ozx
      </button>
      {source !== undefined && (
        <>
          <div className="opened" title={source.kind === "url" ? source.url : source.name}>
            <h1>
              <strong>{source.name}</strong>
            </h1>
            {source.kind !== "url" && (
              <span className="stays" title="The page reads your file here; nothing is uploaded.">
                <LockIcon /> stays on this computer
              </span>
            )}
          </div>
          <TabList tab={tab} onTab={onTab} />
          <ChooseButtons onChoose={onChoose} plain />
        </>
      )}
    </header>
  );
}

function TabList({ tab, onTab }: Pick<HeaderProps, "tab" | "onTab">) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const next = step && TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length];
    if (!next) return;
    event.preventDefault();
    onTab(next.id);
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
  };
  return (
    <div role="tablist" aria-label="Sections" className="tabs" ref={list} onKeyDown={move}>
      {TABS.map(({ id, title }) => (
        <button
          key={id}
          id={`tab-${id}`}
          type="button"
          role="tab"
          aria-selected={id === tab.id}
          aria-controls="content"
          tabIndex={id === tab.id ? 0 : -1}
          onClick={() => onTab(id)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
