import { Button } from "@mantine/core";
import { IconArrowUp, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { count } from "../../parts/format/number";
import { useText } from "../../text";
import css from "./logs.module.css";
import { KEPT, type Tailed } from "./tail";

interface Props {
  tailed: Tailed & { open: boolean };
  paused: boolean;
  held: boolean;
  onPause: (paused: boolean) => void;
  onFresh: () => void;
}

/** How a live tail stands, and what waits. */
export function LiveBar({ tailed, paused, held, onPause, onFresh }: Props) {
  const { live } = useText().logs;
  const { open, waiting, missed, cut, lines } = tailed;
  const moving = open && !paused && !held;
  const state = !open ? live.connecting : paused ? live.paused : held ? live.held : lines.length ? live.following : live.waiting;
  return (
    <div className={css.live}>
      <span className={css.pulse} data-on={moving || undefined} aria-hidden />
      <span role="status">{state}</span>
      {waiting.length > 0 ? (
        <Button size="compact-sm" leftSection={<IconArrowUp size={14} aria-hidden />} onClick={onFresh} className="numbers">
          {live.fresh(waiting.length >= KEPT ? `${count(KEPT)}+` : count(waiting.length))}
        </Button>
      ) : null}
      <span className={css.grow} />
      {missed > 0 ? (
        <span role="status" title={live.missedWhy}>
          {live.missed(count(missed))}
        </span>
      ) : null}
      {cut ? (
        <span className="soft" title={live.boundedWhy}>
          {live.bounded(count(KEPT))}
        </span>
      ) : null}
      <Button
        size="compact-sm"
        variant="default"
        leftSection={paused ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />}
        onClick={() => onPause(!paused)}
      >
        {paused ? live.resume : live.pause}
      </Button>
    </div>
  );
}
