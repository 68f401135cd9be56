import { ActionIcon } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Answer } from "../../parts/answer";
import { Empty } from "../../parts/empty";
import { MessageText } from "../../parts/logs/message";
import { searched } from "../../parts/logs/searched";
import { useText } from "../../text";
import { Attributes } from "./attributes";
import { Context } from "./context";
import css from "./details.module.css";
import { Facts } from "./facts";
import type { Line } from "./line";
import { contextQuery } from "./query";

interface Props {
  id: string;
  /** The line, where the list has it. */
  line: Line | undefined;
  query: string;
  onClose: () => void;
  onNewer: (() => void) | undefined;
  onOlder: (() => void) | undefined;
}

/** Everything about one line, beside the list. */
export function Details({ id, line, query, onClose, onNewer, onOlder }: Props) {
  const { logs, common } = useText();
  const { details } = logs;
  const place = useRef<HTMLElement>(null);
  // Who opens a line goes on in it; who steps to the next keeps the button.
  useEffect(() => place.current?.focus({ preventScroll: true }), []);
  const found = useQuery({ ...contextQuery(id, undefined, 1), enabled: line === undefined });
  return (
    <section
      ref={place}
      className={css.drawer}
      data-details
      aria-label={details.title}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <header className={css.head}>
        <h2>{details.title}</h2>
        <Step label={details.newer} onClick={onNewer}>
          <IconChevronUp size={18} />
        </Step>
        <Step label={details.older} onClick={onOlder}>
          <IconChevronDown size={18} />
        </Step>
        <ActionIcon variant="subtle" color="gray" aria-label={common.close} onClick={onClose}>
          <IconX size={18} />
        </ActionIcon>
      </header>
      <div className={css.body}>
        {line ? (
          <About line={line} query={query} />
        ) : (
          <Answer query={found} height={320}>
            {(context) => (context.line ? <About line={context.line} query={query} /> : <Empty title={details.gone}>{details.goneWhy}</Empty>)}
          </Answer>
        )}
      </div>
    </section>
  );
}

function Step({ label, onClick, children }: { label: string; onClick: (() => void) | undefined; children: React.ReactNode }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} title={label} disabled={!onClick} onClick={onClick}>
      {children}
    </ActionIcon>
  );
}

function About({ line, query }: { line: Line; query: string }) {
  const { details } = useText().logs;
  return (
    <>
      <MessageText body={line.body} marks={searched(query)} label={details.message} />
      <Facts line={line} query={query} />
      <Attributes title={details.attributes} values={line.attributes} query={query} />
      <Context line={line} />
      <Attributes title={details.resource} values={line.resource} query={query} />
    </>
  );
}
