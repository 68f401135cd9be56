import { ActionIcon, Popover } from "@mantine/core";
import { IconHelp } from "@tabler/icons-react";
import { Fragment } from "react";
import { useText } from "../../text";
import css from "./query-bar.module.css";

/** How queries are written, by examples. */
export function Help() {
  const { query: text } = useText().logs;
  return (
    <Popover position="bottom-end" width={460} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={text.help} title={text.help}>
          <IconHelp size={18} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={text.help} maw="calc(100vw - 24px)">
        <dl className={css.examples} tabIndex={-1} data-autofocus>
          {text.examples.map(([query, finds]) => (
            <Fragment key={query}>
              <dt className="mono">{query}</dt>
              <dd>{finds}</dd>
            </Fragment>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}
