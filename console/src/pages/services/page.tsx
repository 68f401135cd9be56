import { getRouteApi } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../../app/server";
import { Answer } from "../../parts/answer";
import { Page } from "../../parts/page";
import { Panel } from "../../parts/panel";
import { RangePicker } from "../../parts/range";
import { useText } from "../../text";
import { List } from "./list";
import { isTroubled, worstFirst } from "./model";
import { RANGE, useServices } from "./query";
import { Receivers } from "./receivers";

const route = getRouteApi("/services");

/** Every service, those that are not well first. */
export function ServicesPage() {
  const text = useText().services;
  const range = route.useSearch();
  const navigate = route.useNavigate();
  const { calls, known } = useServices(range);
  const rows = worstFirst(known);
  const troubled = rows.filter(({ state }) => isTroubled(state)).length;
  const inSystem = rows.filter(({ state }) => state.is !== "outside").length;
  const status = useQuery(statusQuery);
  return (
    <Page
      title={text.title}
      about={calls.data && inSystem > 0 ? <span className="soft">{text.summary(String(inSystem), troubled)}</span> : null}
      actions={<RangePicker value={range} otherwise={RANGE} onChange={(next) => void navigate({ search: next, replace: true })} />}
    >
      <Panel flush>
        <Answer query={calls} height={320}>
          {() => <List rows={rows} range={range} />}
        </Answer>
      </Panel>
      {status.data ? <Receivers targets={status.data.targets} /> : null}
    </Page>
  );
}
