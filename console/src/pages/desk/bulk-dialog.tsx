import { Button, Group, Modal, NumberInput, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { answer, answerLossless, api, type Schemas } from "../../api/client";
import { write } from "../../api/json";
import { asProblem } from "../../api/problem";
import { SAGAS } from "../../app/changes";
import { Failed } from "../../parts/answer";
import { count } from "../../parts/format/number";
import { VerbFields } from "../../parts/verbs/fields";
import { person } from "../../parts/verbs/person";
import { Preview } from "../../parts/verbs/preview";
import { type Allowed, body, type Fields, type Verb } from "../../parts/verbs/verb";
import { useText } from "../../text";
import type { Chosen } from "./bulk-bar";

interface Props {
  chosen: Chosen;
  allowed: Allowed;
  onClose: () => void;
}

const RATE = 20;
const SHOWN = 8;

/** The same verb on many sagas, at a rate: which they are, what it does to one of them, and then all of them. */
export function BulkDialog({ chosen, allowed, onClose }: Props) {
  const { desk, common } = useText();
  const verb = allowed.verb as Verb;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [fields, setFields] = useState<Fields>({ note: "", by: person.get(), output: "{}", input: "{}" });
  const [rate, setRate] = useState(RATE);
  const act = body(allowed, fields);
  const [settled] = useDebouncedValue(act, 300);
  const query = "ids" in chosen ? { ids: chosen.ids } : { cause: chosen.cause };
  const begin = (of: Schemas["Act"]): Schemas["Begin"] => ({ ...of, note: of.note ?? "", verb, query, rate_per_second: rate });
  // One id for what is asked: sending it again after a lost answer is the same batch, and begins nothing twice.
  const key = write(begin(settled ?? {}));
  const id = useMemo(() => `desk-${crypto.getRandomValues(new Uint32Array(3)).join("-")}`, [key]);
  const dry = useQuery({
    queryKey: ["dry batch", key],
    queryFn: async () => {
      const run = await answer(api.POST("/v1/batches", { params: { query: { dry_run: true } }, body: begin(settled ?? {}) }));
      return run as Schemas["BatchDryRun"];
    },
    enabled: settled !== null,
    placeholderData: (before) => before,
    retry: false,
  });
  const path = { id: chosen.example, verb };
  const one = useQuery({
    queryKey: ["dry run", path, write(settled)],
    queryFn: () =>
      answerLossless<Schemas["DryRun"]>(api.POST("/v1/sagas/{id}/{verb}", { params: { path, query: { dry_run: true } }, body: settled, parseAs: "text" })),
    structuralSharing: false,
    enabled: settled !== null,
    placeholderData: (before) => before,
    retry: false,
  });
  const start = useMutation({
    mutationFn: () => answer(api.POST("/v1/batches", { body: { ...begin(settled ?? {}), id } })),
    onSuccess: async (batch) => {
      person.set(fields.by.trim());
      await queries.invalidateQueries({ queryKey: [SAGAS] });
      onClose();
      await navigate({ to: "/desk", search: { tab: "batches", batch: (batch as Schemas["Batch"]).id } });
    },
  });
  const error = start.error ?? dry.error ?? one.error;
  const total = dry.data?.total ?? chosen.total;
  const current = settled !== null && write(settled) === write(act);
  const ready = (query: { isSuccess: boolean; isPlaceholderData: boolean; isFetching: boolean }) => query.isSuccess && !query.isPlaceholderData && !query.isFetching;
  const seen = current && ready(dry) && ready(one);
  return (
    <Modal opened onClose={onClose} title={desk.bulk.title(desk.verbs[verb].label, count(total))} size="lg" closeButtonProps={{ "aria-label": common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (seen) start.mutate();
        }}
      >
        <Stack gap="md">
          <Text c="dimmed" size="sm">
            {desk.verbs[verb].what} {desk.bulk.note}
          </Text>
          <VerbFields
            verb={verb}
            value={fields}
            onChange={(next) => {
              start.reset();
              setFields(next);
            }}
          />
          <NumberInput label={desk.bulk.rate} description={desk.bulk.rateHelp} value={rate} onChange={(value) => setRate(Math.max(1, Number(value) || 1))} min={1} max={1000} w={220} />
          {dry.data && !dry.error ? <Matches run={dry.data} /> : null}
          {one.data && !one.error ? (
            <div>
              <span className="soft">{desk.bulk.example}</span>
              <Preview run={one.data} />
            </div>
          ) : null}
          {error && act ? <Failed error={asProblem(error)} /> : null}
          {act === null ? <span className="soft">{desk.preview.missing}</span> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common.cancel}
            </Button>
            <Button type="submit" loading={start.isPending} disabled={!seen}>
              {desk.bulk.begin}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Matches({ run }: { run: Schemas["BatchDryRun"] }) {
  const { desk } = useText();
  const more = run.total - Math.min(SHOWN, run.sagas.length);
  return (
    <div>
      <span className="soft">{desk.bulk.matches(count(run.total))}</span>{" "}
      <span className="mono">{run.sagas.slice(0, SHOWN).join(", ")}</span> {more > 0 ? <span className="soft">{desk.bulk.andMore(count(more))}</span> : null}
    </div>
  );
}
