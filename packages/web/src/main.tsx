import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { keepPage } from "./offline/keep-page.js";
import { App } from "./shell/app.js";
import "./shell/theme.css";

const place = document.getElementById("page");
if (place === null) throw new Error("index.html has no place for the page");
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
keepPage();
