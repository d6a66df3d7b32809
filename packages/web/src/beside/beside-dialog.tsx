import type { OpenImage } from "@ozx/core";
import { useEffect, useRef, useState } from "react";
import { titleOf } from "../image/series-list.js";
import type { OpenedSource } from "../open/source-input.js";
import { ChooseButtons, UrlForm } from "../open/ways-in.js";
import { formatViewState } from "../share/view-state.js";
import type { BesideControl, BesideInput } from "./use-beside.js";
import "../open/welcome.css";
import "./beside-dialog.css";

interface BesideDialogProps {
  readonly opened: OpenedSource;
  readonly image: OpenImage;
  readonly beside: BesideControl;
  onClose(): void;
}

/** What to open beside an image: another file or address, another image of the same source, or the same one again. */
export function BesideDialog({ opened: { node, name }, image, beside, onClose }: BesideDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [path, setPath] = useState<string>(image.path);
  useEffect(() => dialog.current?.showModal(), []);
  const open = (input: BesideInput | undefined, view?: string): void => {
    if (input === undefined) return;
    onClose();
    beside.open(input, view);
  };
  const openSame = (): void => {
    open("same", formatViewState(name, { image: path, settings: undefined, camera: undefined }));
  };
  return (
    <dialog ref={dialog} className="choices beside" aria-labelledby="beside-title" onClose={onClose}>
      <h1 id="beside-title">Open beside it</h1>
      <p>Both are seen at the same scale and move together, until you uncouple them.</p>
      <ChooseButtons plain onChoose={([source]) => open(source)} />
      <UrlForm onOpen={open} />
      <div className="beside-same">
        {node.images.length > 1 ? (
          <label>
            Or another image of {name}
            <select value={path} onChange={({ target }) => setPath(target.value)}>
              {node.images.map((one, at) => (
                <option key={one.path} value={one.path}>
                  {titleOf(one, at)}
                </option>
              ))}
            </select>
          </label>
        ) : (
          <span>Or the same image again, for another place, depth or time of it</span>
        )}
        <button type="button" onClick={openSame}>
          {node.images.length > 1 ? "Open this image" : "Open it again"}
        </button>
      </div>
      <form method="dialog">
        <button type="submit">Cancel</button>
      </form>
    </dialog>
  );
}
