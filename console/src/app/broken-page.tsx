import { Button, Code } from "@mantine/core";
import { Notice } from "../parts/notice";
import { useText } from "../text";

/** A defect, with what the person who mends it needs to know. */
export function BrokenPage({ error }: { error: unknown }) {
  const { server } = useText().common;
  return (
    <Notice kind="bad" title={server.broken} action={<Button onClick={() => location.reload()}>{server.reload}</Button>}>
      {server.brokenMore}
      <Code block mt="sm">
        {error instanceof Error ? error.message : String(error)}
      </Code>
    </Notice>
  );
}
