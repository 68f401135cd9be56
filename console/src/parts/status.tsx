import {
  type Icon,
  IconArrowBackUp,
  IconArrowBackUpDouble,
  IconCheck,
  IconHandStop,
  IconPlayerPause,
  IconProgress,
} from "@tabler/icons-react";
import { useText } from "../text";
import { Badge } from "./badge";

export const STATUSES = ["running", "compensating", "parked", "completed", "compensated"] as const;
export type Status = (typeof STATUSES)[number];

export const ICONS: Record<Status, Icon> = {
  running: IconProgress,
  compensating: IconArrowBackUp,
  parked: IconHandStop,
  completed: IconCheck,
  compensated: IconArrowBackUpDouble,
};

export const isStatus = (word: string): word is Status => (STATUSES as readonly string[]).includes(word);

/** How a saga stands. */
export function StatusBadge({ status, paused }: { status: string; paused?: boolean }) {
  const { statuses, paused: pausedText } = useText().common;
  return (
    <>
      {isStatus(status) ? (
        <Badge tone={status} icon={ICONS[status]}>
          {statuses[status]}
        </Badge>
      ) : (
        <Badge tone="neutral">{status}</Badge>
      )}
      {paused ? (
        <Badge tone="neutral" icon={IconPlayerPause}>
          {pausedText}
        </Badge>
      ) : null}
    </>
  );
}
