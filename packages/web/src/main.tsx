import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./shell/app.js";
import "./shell/theme.css";

const pageElement = document.getElementById("page");
if (pageElement === null) throw new Error("index.html has no place for the page");
createRoot(pageElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
keepPage();

/** Has the browser keep the page, so that it works without a network from the next visit on. */
export function keepPage(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // Where it may not, or where `ozx view` serves the page, whose address is gone tomorrow, there is nothing to keep.
  navigator.serviceWorker.register("./service-worker.js").catch(() => {});
}
