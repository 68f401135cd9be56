import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useText } from "../text";

/** Puts a text on the clipboard. */
export function Copy({ value }: { value: string }) {
  const { common } = useText();
  return (
    <CopyButton value={value} timeout={1_500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? common.copied : common.copy} withArrow>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={copied ? common.copied : common.copy}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
