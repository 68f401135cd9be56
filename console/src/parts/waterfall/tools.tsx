import { Button, Switch } from "@mantine/core";
import { useText } from "../../text";
import css from "./waterfall.module.css";

interface Props {
  /** Is idle time squeezed? Nothing where there is none to squeeze. */
  squeeze: boolean | undefined;
  onSqueeze: (on: boolean) => void;
  onFold: () => void;
  onUnfold: () => void;
}

/** What the marks in the bars mean, and what can be done with all rows. */
export function Tools({ squeeze, onSqueeze, onFold, onUnfold }: Props) {
  const { waterfall } = useText().traces;
  return (
    <div className={css.tools}>
      <span className={css.legend} role="note" aria-label={waterfall.legend}>
        <span className={css.legendCritical} aria-hidden />
        {waterfall.criticalMore}
      </span>
      {squeeze === undefined ? null : <Switch size="xs" label={waterfall.squeeze} checked={squeeze} onChange={(event) => onSqueeze(event.currentTarget.checked)} />}
      <span className={css.keys}>{waterfall.keys}</span>
      <Button size="compact-xs" variant="default" onClick={onFold}>
        {waterfall.fold}
      </Button>
      <Button size="compact-xs" variant="default" onClick={onUnfold}>
        {waterfall.unfold}
      </Button>
    </div>
  );
}
