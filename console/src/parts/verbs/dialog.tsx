import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, answerLossless, api, type Schemas } from "../../api/client";
import { write } from "../../api/json";
import { asProblem } from "../../api/problem";
import { SAGAS } from "../../app/changes";
import { useText } from "../../text";
import { Failed } from "../answer";
import { VerbFields } from "./fields";
import { person } from "./person";
import { Preview } from "./preview";
import { type Allowed, body, type Fields, type Verb } from "./verb";

interface Props {
  id: string;
  allowed: Allowed;
  /** The saga's input as it stands, for `edit`. */
  input?: unknown;
  onClose: () => void;
}

/** Asks for what a verb needs, shows what it would cause, and does it once a person agrees. */
export function VerbDialog({ id, allowed, input, onClose }: Props) {
  const { desk, common, saga } = useText();
  const verb = allowed.verb as Verb;
  const queries = useQueryClient();
  const [fields, setFields] = useState<Fields>({ note: "", by: person.get(), output: "{}", input: write(input ?? {}, 2) });
  const wanted = body(allowed, fields);
  const [settled] = useDebouncedValue(wanted, 300);
  const path = { id, verb };
  const preview = useQuery({
    queryKey: ["dry run", path, write(settled)],
    queryFn: () =>
      answerLossless<Schemas["DryRun"]>(api.POST("/v1/sagas/{id}/{verb}", { params: { path, query: { dry_run: true } }, body: settled, parseAs: "text" })),
    // Bodies of calls may have members of any name (see `sagaQuery`).
    structuralSharing: false,
    enabled: settled !== null,
    placeholderData: (before) => before,
    retry: false,
  });
  const act = useMutation({
    // Only what was previewed is done: a saga that has moved since says so instead.
    mutationFn: () => answer(api.POST("/v1/sagas/{id}/{verb}", { params: { path }, body: { ...settled, if_seq: preview.data?.seq ?? null } })),
    onSuccess: async () => {
      person.set(fields.by.trim());
      await queries.invalidateQueries({ queryKey: [SAGAS] });
      onClose();
    },
    onError: () => void preview.refetch(),
  });
  const error = act.error ?? preview.error;
  // What a person sees is what is done: not a preview of what stood in the fields before, nor one that is being made.
  const current = settled !== null && write(settled) === write(wanted);
  const seen = current && preview.isSuccess && !preview.isPlaceholderData && !preview.isFetching;
  const what = allowed.step ? saga.events.what(allowed.step, allowed.half ?? "") : id;
  return (
    <Modal opened onClose={onClose} title={desk.dialog(desk.verbs[verb].label, what)} size="lg" closeButtonProps={{ "aria-label": common.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (seen) act.mutate();
        }}
      >
        <Stack gap="md">
          <Text c="dimmed" size="sm">
            {desk.verbs[verb].what}
          </Text>
          <VerbFields
            verb={verb}
            value={fields}
            onChange={(next) => {
              act.reset();
              setFields(next);
            }}
          />
          {preview.data && !preview.error ? <Preview run={preview.data} /> : null}
          {error && wanted ? <Failed error={asProblem(error)} /> : null}
          {wanted === null ? <span className="soft">{desk.preview.missing}</span> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common.cancel}
            </Button>
            <Button type="submit" loading={act.isPending} disabled={!seen}>
              {desk.verbs[verb].label}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
