import { Button } from "@mantine/core";
import { IconArrowsDiff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useText } from "../../text";
import css from "./traces.module.css";

/** What was chosen to be compared; it stays in sight while the list is read. */
export function Picked({ ids, onClear }: { ids: string[]; onClear: () => void }) {
  const { traces } = useText();
  const [first, second] = ids;
  return (
    <div className={css.pickedPlace} role="status">
      {first ? (
        <div className={css.picked}>
          <span>{traces.picked(second ? 2 : 1)}</span>
          {second ? (
            <Button component={Link} to="/traces/$id" params={{ id: first } as never} search={{ with: second } as never} size="xs" leftSection={<IconArrowsDiff size={15} />}>
              {traces.compare}
            </Button>
          ) : null}
          <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
            {traces.unpick}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
