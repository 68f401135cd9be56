import { useText } from "../../text";
import css from "./waterfall.module.css";

/** What the marks in the bars mean. */
export function Legend() {
  const { waterfall } = useText().traces;
  return (
    <span className={css.legend} role="note" aria-label={waterfall.legend}>
      <span className={css.legendCritical} aria-hidden />
      {waterfall.criticalMore}
    </span>
  );
}
