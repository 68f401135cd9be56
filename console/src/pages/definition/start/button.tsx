import { Button, Tooltip } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useText } from "../../../text";

/** Opens the form. Where none can be started it says why. */
export function StartButton({ live, onStart }: { live: boolean | undefined; onStart: () => void }) {
  const { one } = useText().definitions;
  const not = live === false;
  return (
    <Tooltip label={one.startOld} disabled={!not} withArrow multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <Button
        size="xs"
        leftSection={<IconPlayerPlay size={15} aria-hidden />}
        // It stays in the order of the Tab key, so that everybody can read why.
        data-disabled={not || undefined}
        aria-disabled={not || undefined}
        onClick={(event) => (not ? event.preventDefault() : onStart())}
      >
        {one.start}
      </Button>
    </Tooltip>
  );
}
