import { ActionIcon, Button, Stack, Tabs, TextInput, Tooltip } from "@mantine/core";
import { IconDice5, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { answer, api, type Schemas } from "../../../api/client";
import { asProblem } from "../../../api/problem";
import { Failed } from "../../../parts/answer";
import { useText } from "../../../text";
import type { Json } from "../plan";
import { Example } from "./example";
import { FormFields } from "./fields";
import { ID, suggest } from "./id";
import { InputAsJson } from "./json";
import { useInput } from "./input";

/** The input as fields or as JSON, an id, and off it goes. */
export function StartForm({ definition }: { definition: Schemas["Definition"] }) {
  const text = useText().definitions.start;
  const navigate = useNavigate();
  const input = useInput(definition);
  const make = () => suggest(definition.name, new Date(), Math.random());
  const [id, setId] = useState(make);
  const submit = useMutation({
    mutationFn: (value: Json) =>
      answer(
        api.POST("/v1/sagas", {
          body: { id, definition: definition.name, version: definition.version, input: value as never },
        }),
      ),
    onSuccess: (saga) => void navigate({ to: "/sagas/$id", params: { id: saga.id } }),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    const value = input.finish();
    if (value !== undefined && ID.test(id)) submit.mutate(value);
  };
  const unknown = submit.error && asProblem(submit.error).cause === "unreachable";
  return (
    <form onSubmit={send} noValidate>
      <Stack gap="md">
        <Example definition={definition.name} onTake={input.take} />
        <Tabs value={input.mode} onChange={(mode) => input.show(mode === "json" ? "json" : "form")}>
          <Tabs.List>
            <Tabs.Tab value="form">{text.form}</Tabs.Tab>
            <Tabs.Tab value="json">{text.json}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="form" pt="md">
            <FormFields input={input} />
          </Tabs.Panel>
          <Tabs.Panel value="json" pt="md">
            <InputAsJson input={input} />
          </Tabs.Panel>
        </Tabs>
        <TextInput
          label={text.id}
          description={text.idHelp}
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
          error={ID.test(id) ? undefined : text.idWrong}
          classNames={{ input: "mono" }}
          rightSection={
            <Tooltip label={text.idNew} withArrow>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={text.idNew} onClick={() => setId(make())}>
                <IconDice5 size={16} />
              </ActionIcon>
            </Tooltip>
          }
        />
        {submit.error ? <Failed error={submit.error} /> : null}
        {unknown ? <p className="soft" style={{ margin: 0 }}>{text.asked}</p> : null}
        <Button type="submit" loading={submit.isPending} leftSection={<IconPlayerPlay size={16} aria-hidden />} style={{ alignSelf: "flex-start" }}>
          {text.submit}
        </Button>
      </Stack>
    </form>
  );
}
