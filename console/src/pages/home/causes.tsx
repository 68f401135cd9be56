import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Answer } from "../../parts/answer";
import { count } from "../../parts/format/number";
import { Ago } from "../../parts/moment";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import css from "./home.module.css";
import { causesQuery } from "./query";

const SHOWN = 5;

/** What needs a person, by cause; the way to the desk. */
export function Causes() {
  const { home, desk } = useText();
  const query = useQuery(causesQuery);
  return (
    <Panel
      title={home.desk.title}
      flush
      aside={
        <Link to="/desk" className="anchor">
          {home.desk.open}
        </Link>
      }
    >
      <Answer query={query} height={96}>
        {({ causes }) =>
          causes.length === 0 ? (
            <p className="soft" style={{ margin: "4px 16px 14px" }}>
              {home.desk.none}
            </p>
          ) : (
            <ul className={css.items}>
              {causes.slice(0, SHOWN).map((cause) => (
                <li key={cause.cause} className={css.item}>
                  <Link to="/desk" search={{ cause: cause.cause }} className={`${css.whole} cut`}>
                    {cause.step ? desk.causes.where(cause.step, cause.half ?? "", cause.service ?? "") : desk.causes.unknownWhere}
                  </Link>
                  <span className="numbers">{cause.sagas === 1 ? desk.causes.one : desk.causes.count(count(cause.sagas))}</span>
                  <span className={`${css.why} cut`} title={cause.reason}>
                    {cause.reason} · <Ago at={cause.oldest_at} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Panel>
  );
}
