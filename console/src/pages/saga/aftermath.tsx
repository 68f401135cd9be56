import { Group, Stack } from "@mantine/core";
import { Badge, type Tone } from "../../parts/badge";
import { Ago, Moment } from "../../parts/moment";
import { Panel } from "../../parts/panel";
import { VerbButtons } from "../../parts/verbs/buttons";
import { useText } from "../../text";
import type { Saga } from "./query";

const TONES: Record<string, Tone> = { due: "running", delivered: "completed", undelivered: "parked" };

/** Whom it told how it ended, or tries to. */
export function Notices({ saga }: { saga: Saga }) {
  const { saga: text, common } = useText();
  const { notices } = text;
  if (saga.notices.length === 0) return null;
  return (
    <Panel title={notices.title}>
      <Stack gap="sm">
        {saga.notices.map((notice) => (
          <Group key={notice.number} gap="xs">
            <Badge tone={TONES[notice.state] ?? "neutral"}>{notices.states[notice.state as keyof typeof notices.states] ?? notice.state}</Badge>
            <span>{common.statuses[notice.news as keyof typeof common.statuses] ?? notice.news}</span>
            {notice.failures > 0 ? <span className="soft">{notices.failures(notice.failures)}</span> : null}
            {notice.due_at ? <Ago at={notice.due_at} /> : null}
            <VerbButtons allowed={saga.allowed.filter((one) => one.verb === "resend" && one.notice === notice.number && one.allowed)} />
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}

/** What people vouched for: kept for ever. */
export function Vouched({ saga }: { saga: Saga }) {
  const { vouched } = useText().saga;
  if (saga.vouched.length === 0) return null;
  return (
    <Panel title={vouched.title}>
      <Stack gap="sm">
        {saga.vouched.map((one) => (
          <div key={`${one.step}-${one.at}`}>
            <b>{one.step}</b> {vouched.kinds[one.vouch as keyof typeof vouched.kinds] ?? one.vouch}{" "}
            <span className="soft">
              <Moment at={one.at} />
            </span>
            <div style={{ overflowWrap: "anywhere" }}>{one.note}</div>
          </div>
        ))}
      </Stack>
    </Panel>
  );
}
