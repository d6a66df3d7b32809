import type { HTMLAttributes } from "react";

declare module "react" {
  interface InputHTMLAttributes<T> extends HTMLAttributes<T> {
    /** Chooses a folder instead of files. React passes it on, but its types lack it. */
    webkitdirectory?: string;
  }

  interface CSSProperties {
    /** CSS variables. */
    [name: `--${string}`]: string | number | undefined;
  }
}
