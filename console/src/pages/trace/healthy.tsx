import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Answer } from "../../parts/answer";
import { Badge, type Tone } from "../../parts/badge";
import { duration } from "../../parts/format/duration";
import { count } from "../../parts/format/number";
import { Panel } from "../../parts/panel";
import { type Text, useText } from "../../text";
import { comparisonQuery } from "./query";
import css from "./trace.module.css";

type Change =
  | { change: "new"; calls: number }
  | { change: "missing"; of_healthy: number }
  | { change: "slower"; took_ns: number; p95_ns: number }
  | { change: "more_calls"; calls: number; usual: number }
  | { change: "fails_newly"; failed: number };
type Difference = Change & { service: string; name: string; path: string[]; span_id: string | null };

const TONES: Record<Change["change"], Tone> = { fails_newly: "parked", new: "running", missing: "compensated", slower: "compensating", more_calls: "compensating" };

/** How a trace differs from traces of the same operation that went well. */
export function Healthy({ id }: { id: string }) {
  const { healthy: text } = useText().traces;
  const query = useQuery(comparisonQuery(id));
  return (
    <Panel title={text.title} aside={<Beside id={id} other={query.data?.healthy[0]} />}>
      <Answer query={query} height={90}>
        {({ healthy, differences }) => {
          if (healthy.length === 0) return <p className={css.calm}>{text.nothing}</p>;
          const all = differences as unknown as Difference[];
          return (
            <>
              <p className={css.calm}>
                {text.of(count(healthy.length))} {all.length === 0 ? text.none : null}
              </p>
              <ol className={css.differences} aria-label={text.list}>
                {all.map((one) => (
                  <Line key={`${one.change} ${one.path.join()} ${one.span_id}`} id={id} one={one} healthy={healthy.length} />
                ))}
              </ol>
            </>
          );
        }}
      </Answer>
    </Panel>
  );
}

function Beside({ id, other }: { id: string; other: string | undefined }) {
  const { healthy: text } = useText().traces;
  if (!other) return null;
  return (
    <Link to="/traces/$id" params={{ id }} search={{ with: other }} className={css.more}>
      {text.beside}
    </Link>
  );
}

function Line({ id, one, healthy }: { id: string; one: Difference; healthy: number }) {
  const { healthy: text } = useText().traces;
  const within = one.path.slice(0, -1).at(-1);
  const name = (
    <>
      <b>{one.service}</b> {one.name}
    </>
  );
  return (
    <li>
      <span className={css.change}>
        <Badge tone={TONES[one.change]}>{text.changes[one.change]}</Badge>
      </span>
      <span className={css.what}>
        {one.span_id ? (
          <Link to="/traces/$id" params={{ id }} search={{ span: one.span_id }} className="link">
            {name}
          </Link>
        ) : (
          <span>{name}</span>
        )}
        {within ? (
          <span className="soft">
            {" "}
            {text.within} {within}
          </span>
        ) : null}
        <span className={css.words}>{words(one, healthy, text)}</span>
      </span>
    </li>
  );
}

function words(one: Difference, healthy: number, { said }: Text["traces"]["healthy"]): string {
  switch (one.change) {
    case "new":
      return said.new(count(one.calls));
    case "missing":
      return said.missing(count(one.of_healthy), count(healthy));
    case "slower":
      return said.slower(duration(one.took_ns), duration(one.p95_ns));
    case "more_calls":
      return said.more_calls(count(one.calls), count(one.usual));
    case "fails_newly":
      return said.fails_newly(count(one.failed));
  }
}
