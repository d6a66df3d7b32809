import { useEffect } from "react";
import type { Session } from "../open/session.js";
import { cancelTasks } from "./task-runner.js";

/** Ends what is running for a source once another one is opened in its place; not when a section is left. */
export function useTasksOf(session: Session): void {
  const source = sourceOf(session);
  useEffect(() => {
    return () => {
      if (source !== undefined) cancelTasks(source);
    };
  }, [source]);
}

function sourceOf(session: Session) {
  if (session.status === "open") return session.opened.source;
  if (session.status === "opening") return session.source;
  return session.status === "failed" ? session.failed.source : undefined;
}
