import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./shell/app.js";
import { stayConnected } from "./shell/stay-connected.js";
import "./shell/theme.css";

const pageElement = document.getElementById("page");
if (pageElement === null) throw new Error('index.html has no element with the id "page"');
createRoot(pageElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
registerServiceWorker();
stayConnected();

/** Caches the page in the browser, so that it works offline from the next visit on. */
function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // Fails where the browser forbids it, and for `ozx view`, whose address is temporary and needs no cache.
  navigator.serviceWorker.register("./service-worker.js").catch(() => {});
}
