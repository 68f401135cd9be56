import { Button, Group, Progress, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { answer, api } from "../../api/client";
import { Answer } from "../../parts/answer";
import { Badge, type Tone } from "../../parts/badge";
import { Empty } from "../../parts/empty";
import { count } from "../../parts/format/number";
import { Ago } from "../../parts/moment";
import { Panel } from "../../parts/panel";
import { isVerb } from "../../parts/verbs/verb";
import { useText } from "../../text";
import css from "./desk.module.css";
import { type Batch, batchesQuery } from "./query";

const TONES: Record<string, Tone> = { running: "running", completed: "completed", cancelled: "neutral" };

/** What is being done to many sagas, how far it has come, and which of them refused. */
export function Batches({ shown }: { shown: string | undefined }) {
  const { desk } = useText();
  const query = useQuery(batchesQuery);
  return (
    <Panel title={desk.batches.title} flush>
      <Answer query={query} height={200}>
        {({ batches }) =>
          batches.length === 0 ? (
            <Empty title={desk.batches.none}>{desk.batches.noneWhy}</Empty>
          ) : (
            <ul className={css.causes}>
              {batches.map((batch) => (
                <BatchItem key={batch.id} batch={batch} shown={batch.id === shown} />
              ))}
            </ul>
          )
        }
      </Answer>
    </Panel>
  );
}

function BatchItem({ batch, shown }: { batch: Batch; shown: boolean }) {
  const { desk } = useText();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => answer(api.DELETE("/v1/batches/{id}", { params: { path: { id: batch.id } } })),
    onSettled: () => void queries.invalidateQueries({ queryKey: batchesQuery.queryKey }),
  });
  const { states, columns } = desk.batches;
  const verb = isVerb(batch.verb) ? desk.verbs[batch.verb].label : batch.verb;
  return (
    <li className={css.cause} aria-current={shown || undefined}>
      <Stack gap={6}>
        <Group gap="xs">
          <b>{verb}</b>
          {batch.step ? <span>{batch.step}</span> : null}
          <Badge tone={TONES[batch.state] ?? "neutral"}>{states[batch.state as keyof typeof states] ?? batch.state}</Badge>
          <span className="soft mono">{batch.id}</span>
          <span className={css.grow} />
          <Ago at={batch.created_at} />
          {batch.ended_at ? null : (
            <Button size="compact-xs" variant="default" loading={end.isPending} onClick={() => end.mutate()}>
              {desk.batches.end}
            </Button>
          )}
        </Group>
        <Progress value={batch.total ? (100 * batch.done) / batch.total : 100} size="sm" aria-label={columns.progress} />
        <div className={css.facts} style={{ marginTop: 0 }}>
          <span className="numbers">
            {columns.progress} {count(batch.done)} / {count(batch.total)}
          </span>
          <span className="numbers">
            {columns.acted} {count(batch.acted)}
          </span>
          <span className="numbers">
            {columns.refused} {count(batch.refused)}
          </span>
          {batch.by ? <span>{desk.batches.by(batch.by)}</span> : null}
          {batch.note ? <span>{batch.note}</span> : null}
        </div>
        {batch.refusals.length > 0 ? (
          <div className="soft">
            {desk.batches.refusals}:{" "}
            {batch.refusals.map((one) => (
              <span key={one.id}>
                <Link to="/sagas/$id" params={{ id: one.id }} className="link mono">
                  {one.id}
                </Link>{" "}
                ({one.reason}){" "}
              </span>
            ))}
          </div>
        ) : null}
      </Stack>
    </li>
  );
}
