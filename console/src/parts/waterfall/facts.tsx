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
export function Section({ title, level = 4, count, aside, children }: { title: string; level?: 3 | 4; count?: number; aside?: ReactNode; children: ReactNode }) {
  const Heading = `h${level}` as const;
  return (
    <section className={css.section}>
      <div className={css.sectionHead}>
        <Heading className={css.sectionTitle}>
          {title} {count ? <span className="soft numbers">{count}</span> : null}
        </Heading>
        {aside}
      </div>
      {children}
    </section>
  );
}
