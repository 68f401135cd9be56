import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "./badge.module.css";

/** Colours of states, by meaning. */
export type Tone = "completed" | "running" | "compensating" | "compensated" | "parked" | "neutral";

export const colour = (tone: Tone): string => `var(--s-${tone})`;

/** A state: always in words, too, never by colour alone. */
export function Badge({ tone, icon: Icon, children }: { tone: Tone; icon?: Icon; children: ReactNode }) {
  return (
    <span className={css.badge} style={{ "--of": colour(tone) } as React.CSSProperties}>
      {Icon ? <Icon size={13} stroke={2.2} aria-hidden /> : null}
      {children}
    </span>
  );
}
