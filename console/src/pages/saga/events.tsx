import { Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Answer } from "../../parts/answer";
import { sentence } from "../../parts/events/sentence";
import { Moment } from "../../parts/moment";
import { Panel } from "../../parts/panel";
import { type Column, Rows } from "../../parts/rows";
import type { Schemas } from "../../api/client";
import { useText } from "../../text";
import { eventsQuery } from "./query";

type Event = Schemas["Event"];

/** The journal in words: what happened, in the order in which it became durable. */
export function Events({ id }: { id: string }) {
  const text = useText();
  const { columns: label, title } = text.saga.events;
  const query = useQuery(eventsQuery(id));
  // With little room a sentence takes three lines.
  const narrow = useMediaQuery("(max-width: 640px)");
  const columns: Column<Event>[] = [
    { key: "seq", label: label.seq, width: "48px", narrow: "32px", right: true, cell: (event) => <span className="numbers soft">{event.seq}</span> },
    { key: "at", label: label.at, width: "120px", narrow: "104px", cell: (event) => <Moment at={event.at} withMillis /> },
    { key: "what", label: label.what, width: "minmax(0, 1fr)", narrow: "minmax(0, 1fr)", cell: (event) => <Sentence text={sentence(event, text)} lines={narrow ? 3 : 1} /> },
  ];
  return (
    <Panel title={title} flush>
      <Answer query={query} height={320}>
        {(events) => <Rows label={title} columns={columns} rows={events} id={(event) => String(event.seq)} height={narrow ? 66 : 34} />}
      </Answer>
    </Panel>
  );
}

function Sentence({ text, lines }: { text: string; lines: number }) {
  return lines === 1 ? (
    <span title={text}>{text}</span>
  ) : (
    <Text size="sm" lineClamp={lines} title={text} style={{ whiteSpace: "normal", overflowWrap: "anywhere" }}>
      {text}
    </Text>
  );
}
