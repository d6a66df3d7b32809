import type { HTMLAttributes } from "react";

declare module "react" {
  interface InputHTMLAttributes<T> extends HTMLAttributes<T> {
    /** Choose a folder instead of files; React passes it on and its types do not know it. */
    webkitdirectory?: string;
  }
}

declare module "react" {
  interface CSSProperties {
    /** Variables of our own. */
    [name: `--${string}`]: string | number | undefined;
  }
}
