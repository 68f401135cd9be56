import { Group, ScrollArea, Stack, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Badge } from "../../parts/badge";
import { durationMs } from "../../parts/format/duration";
import { Json } from "../../parts/json";
import { Ago, Moment } from "../../parts/moment";
import { Notice } from "../../parts/notice";
import { Panel } from "../../parts/panel";
import { VerbButtons } from "../../parts/verbs/buttons";
import { useText } from "../../text";
import type { Attempt, Saga, SagaStep } from "./query";
import { OUTCOME_TONES } from "./timeline-panel";

/** One step in full: what is wrong, what may be done, every attempt, and what it answered. */
export function StepPanel({ saga, step }: { saga: Saga; step: SagaStep }) {
  const { saga: text } = useText();
  const words = text.step;
  const { progress } = step;
  const trouble = progress?.trouble as keyof typeof words.troubles | undefined | null;
  const allowed = saga.allowed.filter((one) => one.step === step.name);
  return (
    <Panel
      title={words.title(step.name)}
      aside={
        <Link to="/services/$name" params={{ name: step.service }} className="link soft">
          {step.service}
        </Link>
      }
    >
      <Stack gap="sm">
        {step.error ? (
          <Notice kind={progress?.stuck ? "bad" : "warn"} title={trouble ? (words.troubles[trouble] ?? trouble) : words.error}>
            {step.error}
          </Notice>
        ) : null}
        {progress && progress.mode === "waiting" && progress.due_at ? (
          <span className="soft">
            {words.due}: <Ago at={progress.due_at} />
          </span>
        ) : null}
        {allowed.length > 0 ? (
          <Group gap="xs">
            <VerbButtons allowed={allowed} input={saga.input} short />
          </Group>
        ) : null}
        {step.attempts.length > 0 ? <Attempts attempts={step.attempts} /> : <span className="soft">{words.none}</span>}
        {step.output !== null && step.output !== undefined ? (
          <>
            <span className="soft">{words.output}</span>
            <Json value={step.output} label={words.output} />
          </>
        ) : null}
      </Stack>
    </Panel>
  );
}

function Attempts({ attempts }: { attempts: Attempt[] }) {
  const { saga: text } = useText();
  const { columns, follows } = text.step;
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": text.step.attempts }}>
      <Table verticalSpacing={6} horizontalSpacing="sm" miw={620} aria-label={text.step.attempts}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{columns.number}</Table.Th>
            <Table.Th>{columns.outcome}</Table.Th>
            <Table.Th>{columns.at}</Table.Th>
            <Table.Th ta="right">{columns.took}</Table.Th>
            <Table.Th>{columns.reason}</Table.Th>
            <Table.Th>{columns.follows}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {attempts.map((one) => (
            <Table.Tr key={`${one.half}-${one.number}`}>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                {text.halfOf(one.half)} {one.number}
              </Table.Td>
              <Table.Td title={text.outcomeHelp[one.outcome as keyof typeof text.outcomeHelp]}>
                <Badge tone={OUTCOME_TONES[one.outcome] ?? "neutral"}>{text.outcomes[one.outcome as keyof typeof text.outcomes] ?? one.outcome}</Badge>
              </Table.Td>
              <Table.Td>
                <Moment at={one.started_at} withMillis />
              </Table.Td>
              <Table.Td ta="right" className="numbers" style={{ whiteSpace: "nowrap" }}>
                {one.took_ms != null ? durationMs(one.took_ms) : "–"}
              </Table.Td>
              <Table.Td className="soft">{one.reason}</Table.Td>
              <Table.Td className="soft" style={{ whiteSpace: "nowrap" }}>
                {one.follows ? (follows[one.follows.then as keyof typeof follows] ?? one.follows.then) : null}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
