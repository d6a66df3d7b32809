import { Component, type ReactNode } from "react";
import { explainError } from "../open/explain-error.js";

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
