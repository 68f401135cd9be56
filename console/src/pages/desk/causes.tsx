import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Answer } from "../../parts/answer";
import { Badge } from "../../parts/badge";
import { Empty } from "../../parts/empty";
import { count } from "../../parts/format/number";
import { Ago } from "../../parts/moment";
import { Notice } from "../../parts/notice";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import css from "./desk.module.css";
import { type Cause, causesQuery } from "./query";

/** What needs a person, the cause with the most sagas first. */
export function Causes() {
  const { desk } = useText();
  const query = useQuery(causesQuery);
  return (
    <Panel title={desk.causes.title} flush>
      <Answer query={query} height={240}>
        {({ causes, more }) =>
          causes.length === 0 ? (
            <Empty title={desk.causes.none}>{desk.causes.noneWhy}</Empty>
          ) : (
            <>
              <ul className={css.causes}>
                {causes.map((cause) => (
                  <CauseItem key={cause.cause} cause={cause} />
                ))}
              </ul>
              {more ? <Notice kind="calm" title={desk.causes.more} /> : null}
            </>
          )
        }
      </Answer>
    </Panel>
  );
}

function CauseItem({ cause }: { cause: Cause }) {
  const { desk, saga } = useText();
  const trouble = saga.step.troubles[cause.trouble as keyof typeof saga.step.troubles] ?? cause.trouble;
  return (
    <li className={css.cause}>
      <div className={css.title}>
        <Link to="/desk" search={{ cause: cause.cause }} className={css.whole}>
          {whereOf(cause, desk)}
        </Link>
        <Badge tone="parked">{cause.sagas === 1 ? desk.causes.one : desk.causes.count(count(cause.sagas))}</Badge>
      </div>
      <div className={css.reason}>{cause.reason}</div>
      <div className={css.facts}>
        {cause.definition ? <span>{cause.definition}</span> : null}
        <span>{trouble}</span>
        <span>
          {desk.causes.columns.since}: <Ago at={cause.oldest_at} />
        </span>
        <span>
          {desk.causes.columns.newest}: <Ago at={cause.newest_at} />
        </span>
      </div>
    </li>
  );
}

/** Which half of which step, and at which service. */
export const whereOf = (cause: Cause, desk: ReturnType<typeof useText>["desk"]): string =>
  cause.step ? desk.causes.where(cause.step, cause.half ?? "", cause.service ?? "") : desk.causes.unknownWhere;
