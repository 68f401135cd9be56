import { Button } from "@mantine/core";
import { IconFileText, IconRoute } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { asProblem } from "../../api/problem";
import { length } from "../../app/search";
import { statusQuery } from "../../app/server";
import { Answer } from "../../parts/answer";
import { Notice } from "../../parts/notice";
import { useNow } from "../../parts/now";
import { Page } from "../../parts/page";
import { RangePicker } from "../../parts/range";
import { useText } from "../../text";
import { systemQuery } from "../definition/query";
import { isTroubled, type Known, wellness } from "../services/model";
import { mapQuery, RANGE } from "../services/query";
import { ServiceBadge, why } from "../services/state";
import { Around } from "./around";
import { Called } from "./called";
import { Figures } from "./figures";
import { explainQuery } from "./query";

const route = getRouteApi("/services/$name");

/** One service: how it is, how it is called, and why calls went as they did. */
export function ServicePage() {
  const text = useText().services;
  const { name } = route.useParams();
  const range = route.useSearch();
  const navigate = route.useNavigate();
  const map = useQuery(mapQuery(range));
  const status = useQuery(statusQuery);
  const system = useQuery(systemQuery);
  const settings = system.data?.services.find((service) => service.name === name);
  // Of a service that the system does not have the server knows no calls, and need not be asked.
  const calls = useQuery({ ...explainQuery(name), enabled: settings !== undefined || system.isError });
  const outside = (system.isSuccess && !settings) || (calls.error !== null && asProblem(calls.error).cause === "not_found");
  const known: Known = {
    name,
    calls: calls.data ?? undefined,
    figures: map.data?.services.find(({ service }) => service === name),
    target: status.data?.targets.find((target) => target.name === name),
    settings,
  };
  const state = wellness(known);
  const because = why(state, text);
  const q = `service:${/^[\w.-]+$/.test(name) ? name : JSON.stringify(name)}`;
  const seconds = length(range, useNow(), RANGE) / 1_000;
  return (
    <Page
      title={name}
      about={calls.data || outside ? <ServiceBadge state={state} /> : null}
      actions={
        <>
          <Button size="xs" variant="default" leftSection={<IconRoute size={15} aria-hidden />} renderRoot={(props) => <Link to="/traces" search={{ q, ...range }} {...props} />}>
            {text.one.traces}
          </Button>
          <Button size="xs" variant="default" leftSection={<IconFileText size={15} aria-hidden />} renderRoot={(props) => <Link to="/logs" search={{ q, ...range }} {...props} />}>
            {text.one.logs}
          </Button>
          <RangePicker value={range} otherwise={RANGE} onChange={(next) => void navigate({ search: next, replace: true })} />
        </>
      }
    >
      {because && isTroubled(state) ? (
        <Notice kind={state.is === "down" || state.is === "out" || state.is === "removed" ? "bad" : "warn"} title={because.sentence}>
          {because.detail}
        </Notice>
      ) : null}
      <Answer query={map} height={84}>
        {() => <Figures figures={known.figures} seconds={seconds} />}
      </Answer>
      {outside ? (
        <>
          <Notice kind="calm" title={known.figures ? text.one.unknown : text.one.nowhere}>
            {known.figures ? text.one.unknownHelp : text.one.nowhereHelp}
          </Notice>
          <Around name={name} map={map} />
        </>
      ) : (
        <Answer query={calls} height={480}>
          {(data) => (data ? <Called calls={data} known={known} map={map} /> : null)}
        </Answer>
      )}
    </Page>
  );
}
