import { type ReactNode, useId } from "react";
import css from "./panel.module.css";

interface Props {
  title?: string;
  /** At the right of the title. */
  aside?: ReactNode;
  /** Does the content bring its own margins, as tables do? */
  flush?: boolean;
  children: ReactNode;
}

/** One matter of a page, with a heading that screen readers can jump to. */
export function Panel({ title, aside, flush, children }: Props) {
  const heading = useId();
  return (
    <section className={css.panel} aria-labelledby={title ? heading : undefined}>
      {title || aside ? (
        <header className={css.head}>
          {title ? (
            <h2 id={heading} className={css.title}>
              {title}
            </h2>
          ) : null}
          {aside}
        </header>
      ) : null}
      <div className={flush ? css.flush : css.body}>{children}</div>
    </section>
  );
}
