import type { Plugin } from "vite";

/**
 * What the built page may load and where it may connect. A `<meta>` says it wherever the page is served; workers, which
 * that does not reach, and `frame-ancestors` need the header as well, which `ozx view` sends.
 */
const POLICY: Readonly<Record<string, readonly string[]>> = {
  "default-src": ["'none'"],
  // Decoders are WebAssembly.
  "script-src": ["'self'", "'wasm-unsafe-eval'"],
  "worker-src": ["'self'"],
  "style-src": ["'self'"],
  "img-src": ["'self'", "blob:", "data:"],
  "manifest-src": ["'self'"],
  // Images are read from any address that a person gives.
  "connect-src": ["'self'", "http:", "https:", "blob:", "data:"],
  "base-uri": ["'none'"],
  "form-action": ["'none'"],
};

/** A Vite plugin that puts the policy into the built page; while developing, Vite needs scripts in it. */
export function contentSecurityPolicy(): Plugin {
  const policy = Object.entries(POLICY).map(([directive, sources]) => `${directive} ${sources.join(" ")}`);
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}" />`;
  return {
    name: "content-security-policy",
    apply: "build",
    // Before everything that it rules. As text: Vite would escape the quotes, and `ozx view` reads it.
    transformIndexHtml: (html) => html.replace("<head>", (head) => `${head}\n    ${meta}`),
  };
}
