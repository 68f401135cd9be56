import type { ReactNode } from "react";
import css from "./facts.module.css";

/** Names and what they are: settings, figures, properties. What is null is left out. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode, about?: string][] }) {
  return (
    <dl className={css.facts}>
      {facts.map(([name, value, about]) =>
        value === null || value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value}
              {about ? <div className={css.about}>{about}</div> : null}
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}
