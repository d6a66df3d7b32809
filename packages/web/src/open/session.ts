import type { FailedSource, OpenedSource, SourceInput } from "./opened-source.js";

/** What the page has open: always one source at most. */
export type Session =
  | { readonly status: "empty" }
  | { readonly status: "opening"; readonly source: SourceInput }
  | {
      readonly status: "open";
      readonly opened: OpenedSource;
      /** Another one for each source, so that nothing of the last one stays in a section's state. */
      readonly turn: number;
    }
  | { readonly status: "failed"; readonly failed: FailedSource };

export type SessionAction =
  | { readonly type: "start"; readonly source: SourceInput }
  | { readonly type: "opened"; readonly opened: OpenedSource; readonly turn: number }
  | { readonly type: "failed"; readonly failed: FailedSource }
  | { readonly type: "closed" };

export function sessionReducer(_session: Session, action: SessionAction): Session {
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
