import { useEffect } from "react";
import { fileSource } from "../open/dropped.js";
import type { SourceInput } from "../open/opened-source.js";

/** Opens the file that the installed page was started with: a double click on an `.ozx`. */
export function useLaunchedFile(open: (source: SourceInput) => void): void {
  useEffect(() => {
    window.launchQueue?.setConsumer(({ files: [handle] }) => {
      void handle?.getFile().then((file) => open(fileSource(file)));
    });
  }, [open]);
}
