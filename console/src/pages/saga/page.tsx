import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Answer } from "../../parts/answer";
import { Asking } from "../../parts/verbs/asking";
import { useText } from "../../text";
import { Events } from "./events";
import { Head } from "./head";
import { Overview } from "./overview";
import { sagaQuery } from "./query";
import { SagaTrace } from "./trace";

const route = getRouteApi("/sagas/$id");

const VIEWS = ["overview", "trace", "events"] as const;

/** One saga: what it is, what became of it, what comes next, and what may be done. */
export function SagaPage() {
  const { saga: text } = useText();
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(sagaQuery(id));
  const view = VIEWS.find((one) => one === search.view) ?? "overview";
  return (
    <Asking key={id} id={id}>
      <Answer query={query} height={600}>
        {(saga) => (
        <Head saga={saga}>
          <SegmentedControl
            aria-label={text.views.label}
            size="xs"
            data={VIEWS.map((value) => ({ value, label: text.views[value] }))}
            value={view}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, view: next === "overview" ? undefined : next }), replace: true })}
            style={{ alignSelf: "flex-start" }}
          />
          {view === "overview" ? (
            <Overview
              saga={saga}
              step={search.step}
              onStep={(step) => void navigate({ search: (before) => ({ ...before, step: before.step === step ? undefined : step }), replace: true, resetScroll: false })}
            />
          ) : null}
          {view === "trace" ? <SagaTrace saga={saga} /> : null}
          {view === "events" ? <Events id={saga.id} /> : null}
        </Head>
      )}
      </Answer>
    </Asking>
  );
}
