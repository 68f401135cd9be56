import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Answer } from "../../parts/answer";
import { Empty } from "../../parts/empty";
import { Ago } from "../../parts/moment";
import { Panel } from "../../parts/panel";
import { StatusBadge } from "../../parts/status";
import { useText } from "../../text";
import css from "./home.module.css";
import { failuresQuery } from "./query";

/** The newest sagas that went wrong: which, at which step, and why. */
export function Failures() {
  const { failures: text } = useText().home;
  const query = useQuery(failuresQuery);
  return (
    <Panel
      title={text.title}
      flush
      aside={
        <Link to="/sagas" search={{ status: "compensating,parked,compensated" }} className="anchor">
          {text.all}
        </Link>
      }
    >
      <Answer query={query} height={320}>
        {({ sagas }) =>
          sagas.length === 0 ? (
            <Empty title={text.none} />
          ) : (
            <ul className={css.items}>
              {sagas.map((saga) => {
                const failed = saga.stuck ?? saga.failed;
                return (
                  <li key={saga.id} className={css.item}>
                    <span className="cut">
                      <Link to="/sagas/$id" params={{ id: saga.id }} className={css.whole}>
                        {saga.id}
                      </Link>{" "}
                      <StatusBadge status={saga.status} />
                    </span>
                    <span className="soft">
                      <Ago at={saga.updated_at} />
                    </span>
                    {failed ? (
                      <span className={`${css.why} cut`} title={failed.reason}>
                        {failed.step ? <b>{failed.step}: </b> : null}
                        {failed.reason}
                      </span>
                    ) : null}
                  </li>
                );
              })}
            </ul>
          )
        }
      </Answer>
    </Panel>
  );
}
