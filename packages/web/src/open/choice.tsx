import type { SourceInput } from "./source-input.js";

interface ChoiceProps {
  readonly title: string;
  readonly text: string;
  readonly sources: readonly { readonly title: string; readonly source: SourceInput }[];
  onOpen(source: SourceInput): void;
}

/** A question which of several images to open. */
export function Choice({ title, text, sources, onOpen }: ChoiceProps) {
  return (
    <div className="choice">
      <h1>{title}</h1>
      <p>{text}</p>
      <ul>
        {sources.map(({ title: name, source }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names need not differ
          <li key={at}>
            <button type="button" onClick={() => onOpen(source)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
