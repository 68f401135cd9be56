import { Stack } from "@mantine/core";
import { Json } from "../../parts/json";
import { Notice } from "../../parts/notice";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import type { Saga } from "./query";

/** What it was given and what it gave. */
export function DataPanel({ saga }: { saga: Saga }) {
  const { data } = useText().saga;
  return (
    <Panel title={data.title}>
      <Stack gap="xs">
        <span className="soft">{data.input}</span>
        <Json value={saga.input} label={data.input} />
        {saga.output !== null && saga.output !== undefined ? (
          <>
            <span className="soft">{data.output}</span>
            <Json value={saga.output} label={data.output} />
          </>
        ) : null}
        {saga.output_error ? (
          <Notice kind="warn" title={data.outputError}>
            {saga.output_error}
          </Notice>
        ) : null}
      </Stack>
    </Panel>
  );
}
