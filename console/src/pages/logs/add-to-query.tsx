import { ActionIcon, Tooltip } from "@mantine/core";
import { IconZoomIn } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { withCondition } from "../../parts/query-bar/write";
import { useText } from "../../text";

/** Searches for one thing more. */
export function AddToQuery({ query, condition, label }: { query: string; condition: string; label?: string }) {
  const { details } = useText().logs;
  const says = label ?? details.searchFor(condition.length > 90 ? `${condition.slice(0, 90)}…` : condition);
  return (
    <Tooltip label={says} withArrow position="left" multiline maw={340}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={says}
        renderRoot={(props) => <Link to="/logs" search={(before) => ({ ...before, tab: undefined, q: withCondition(query, condition) })} {...props} />}
      >
        <IconZoomIn size={15} />
      </ActionIcon>
    </Tooltip>
  );
}
