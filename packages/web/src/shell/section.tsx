import { type ComponentType, type ReactNode, useEffect, useState } from "react";

/** Loads the code of a part of the page. */
export type LoadSection<Props> = () => Promise<ComponentType<Props>>;

interface SectionProps<Props> {
  readonly load: LoadSection<Props>;
  readonly props: Props;
  /** Shown until then. */
  readonly children: ReactNode;
}

/**
 * A part of the page whose code is loaded when it is first shown. Within a `Suspense`, React would show it 300 ms after
 * what it shows until then, however soon the code is there.
 */
export function Section<Props extends object>({ load, props, children }: SectionProps<Props>) {
  const [loaded, setLoaded] = useState<{ readonly Content: ComponentType<Props> }>();
  useEffect(() => {
    let isShown = true;
    load().then(
      (Content) => isShown && setLoaded({ Content }),
      // For the error boundary around it.
      (error) =>
        isShown &&
        setLoaded(() => {
          throw error;
        }),
    );
    return () => {
      isShown = false;
    };
  }, [load]);
  return loaded === undefined ? children : <loaded.Content {...props} />;
}
