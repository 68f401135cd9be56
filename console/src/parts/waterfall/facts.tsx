import { Fragment, type ReactNode } from "react";
import css from "./details.module.css";

type Fact = [string, ReactNode];

/** What is known, by name. */
export function Facts({ children }: { children: (Fact | false | "" | undefined)[] }) {
  return (
    <dl className={css.facts}>
      {children
        .filter((fact): fact is Fact => Array.isArray(fact))
        .map(([name, value], at) => (
          <Fragment key={`${name}${at}`}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}

/** A part of the details, under its heading. */
export function Section({ title, count, aside, children }: { title: string; count?: number; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.section}>
      <div className={css.sectionHead}>
        <h4>
          {title} {count ? <span className="soft numbers">{count}</span> : null}
        </h4>
        {aside}
      </div>
      {children}
    </section>
  );
}
