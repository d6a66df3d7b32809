import { useEffect, useMemo, useState } from "react";
import type { BesideProps } from "../image/view/use-coupled.js";
import { replaceHash } from "../open/page-address.js";
import { type BesideState, withBeside } from "../share/beside-state.js";
import { type Coupling, createCoupling, type Side } from "./coupling.js";
import type { BesideControl } from "./use-beside.js";

/** An image and what is beside it. */
export interface Pair {
  readonly coupling: Coupling;
  readonly isCoupled: boolean;
  /** The one whose settings the panel has. */
  readonly active: Side;
  readonly first: BesideProps;
  activate(side: Side): void;
  couple(isOn: boolean): void;
  /** Keeps the view of the second one in the page's address. */
  keep(view: string): void;
}

/** Holds which of two pictures the panel is for, and whether they are coupled. */
export function usePair(beside: BesideControl, name: string): Pair {
  const coupling = useMemo(createCoupling, []);
  const { kept } = beside;
  const isPair = beside.input !== undefined;
  const [active, setActive] = useState<Side>(0);
  const [stored, setStored] = useState({ kept, isCoupled: kept?.state.isCoupled ?? true });
  const isCoupled = stored.kept === kept ? stored.isCoupled : (kept?.state.isCoupled ?? true);
  if (stored.kept !== kept) setStored({ kept, isCoupled });
  useEffect(() => coupling.couple(isCoupled), [coupling, isCoupled]);
  useEffect(() => {
    if (!isPair) setActive(0);
  }, [isPair]);
  const isBehind = isPair && active === 1;
  return useMemo(() => {
    const change = (part: Partial<BesideState>): void => {
      if (kept === undefined) return;
      kept.state = { ...kept.state, ...part };
      replaceHash(withBeside(location.hash.replace(/^#/, ""), kept.state));
    };
    return {
      coupling,
      isCoupled,
      active,
      first: { link: coupling.links[0], title: isPair ? `1, ${name}` : undefined, isBehind, part: 1 },
      activate: setActive,
      couple: (isOn) => {
        setStored({ kept, isCoupled: isOn });
        change({ isCoupled: isOn });
      },
      keep: (view) => change({ view }),
    };
  }, [coupling, kept, isCoupled, active, isPair, isBehind, name]);
}
