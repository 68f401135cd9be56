import { Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Copy } from "../../parts/copy";
import { durationMs } from "../../parts/format/duration";
import { Moment } from "../../parts/moment";
import { useNow } from "../../parts/now";
import { Page } from "../../parts/page";
import { StatusBadge } from "../../parts/status";
import { VerbButtons } from "../../parts/verbs/buttons";
import { useText } from "../../text";
import type { Saga } from "./query";

/** The whole saga's verbs; those of a step stand with the step. */
const WHOLE = ["pause", "resume", "cancel", "edit"];

/** Name, state, times, and what may be done with the whole saga. */
export function Head({ saga, children }: { saga: Saga; children: ReactNode }) {
  const { saga: text } = useText();
  const now = useNow();
  const began = Date.parse(saga.created_at);
  const whole = saga.allowed.filter((one) => WHOLE.includes(one.verb) && one.verb !== (saga.paused ? "pause" : "resume"));
  return (
    <Page
      title={saga.id}
      about={
        <>
          <Copy value={saga.id} />
          <StatusBadge status={saga.status} paused={saga.paused} />
        </>
      }
      actions={saga.ended_at ? null : <VerbButtons allowed={whole} input={saga.input} />}
    >
      <Group gap="xs" c="dimmed" mt={-8} style={{ rowGap: 2 }}>
        <Link to="/definitions/$name" params={{ name: saga.definition }} search={{ version: String(saga.version) }} className="link">
          {saga.definition}
        </Link>
        <span>{text.version(saga.version)}</span>·
        <span>
          {text.began} <Moment at={saga.created_at} withMillis />
        </span>
        ·
        {saga.ended_at ? (
          <span className="numbers">{text.took(durationMs(Date.parse(saga.ended_at) - began))}</span>
        ) : (
          <span className="numbers">{text.since(durationMs(Math.max(0, Math.round((now - began) / 1_000)) * 1_000))}</span>
        )}
      </Group>
      {children}
    </Page>
  );
}
