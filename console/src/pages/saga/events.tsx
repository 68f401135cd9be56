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
  const columns: Column<Event>[] = [
    { key: "seq", label: label.seq, width: "48px", narrow: "32px", right: true, cell: (event) => <span className="numbers soft">{event.seq}</span> },
    { key: "at", label: label.at, width: "120px", narrow: "104px", cell: (event) => <Moment at={event.at} withMillis /> },
    { key: "what", label: label.what, width: "minmax(0, 1fr)", narrow: "minmax(0, 1fr)", cell: (event) => <span title={sentence(event, text)}>{sentence(event, text)}</span> },
  ];
  return (
    <Panel title={title} flush>
      <Answer query={query} height={320}>
        {(events) => <Rows label={title} columns={columns} rows={events} id={(event) => String(event.seq)} height={34} />}
      </Answer>
    </Panel>
  );
}
