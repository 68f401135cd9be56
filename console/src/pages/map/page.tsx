import { Button, Drawer, Skeleton } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Range } from "../../app/search";
import { Answer } from "../../parts/answer";
import { Empty } from "../../parts/empty";
import { Notice } from "../../parts/notice";
import { Page } from "../../parts/page";
import { Panel } from "../../parts/panel";
import { RangePicker } from "../../parts/range";
import { useText } from "../../text";
import { Legend } from "./legend";
import css from "./map.module.css";
import { One } from "./one";
import { mapQuery, RANGE_USUAL, seconds, type ServiceMap } from "./query";
import { Calls, Services } from "./tables";

const route = getRouteApi("/map");
const Graph = lazy(() => import("./graph").then(({ Graph }) => ({ default: Graph })));

/** Services, who calls whom, and how that goes. */
export function MapPage() {
  const { map } = useText();
  const { service, ...range } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(mapQuery(range));
  const search = (next: { service?: string | undefined } & Range) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  const setRange = (next: Range) => search({ since: undefined, from: undefined, to: undefined, ...next });
  return (
    <Page title={map.title} about={<span className="soft">{map.about}</span>} actions={<RangePicker value={range} otherwise={RANGE_USUAL} onChange={setRange} />}>
      <Answer query={query} height={520}>
        {(found) =>
          found.services.length === 0 ? (
            <Panel>
              <Empty title={map.empty}>
                {map.emptyWhy}
                <Button mt="sm" size="xs" variant="default" display="block" mx="auto" onClick={() => setRange({ since: "24h" })}>
                  {map.longer}
                </Button>
              </Empty>
            </Panel>
          ) : (
            <Found map={found} range={range} service={service} onSelect={(name) => search({ service: name })} />
          )
        }
      </Answer>
    </Page>
  );
}

/** With so much room a service's figures stand beside the picture; with less they come over it. */
const BESIDE_PX = 900;

interface Props {
  map: ServiceMap;
  range: Range;
  service: string | undefined;
  onSelect: (service: string | undefined) => void;
}

function Found({ map, range, service, onSelect }: Props) {
  const text = useText().map;
  const per = seconds(range);
  const close = () => onSelect(undefined);
  const { ref, width } = useElementSize<HTMLDivElement>();
  const one = map.services.find((found) => found.service === service);
  return (
    <div ref={ref} className={css.found}>
      <div className={css.top} data-beside={(one && width >= BESIDE_PX) || undefined}>
        <Panel title={text.graph} aside={<Legend />} flush>
          <Suspense fallback={<Skeleton height={420} radius={0} />}>
            <Graph map={map} seconds={per} selected={service} onSelect={onSelect} />
          </Suspense>
        </Panel>
        {one && width >= BESIDE_PX ? (
          <section className={css.beside} aria-label={text.panel.label(one.service)} tabIndex={0}>
            <One map={map} one={one} range={range} seconds={per} onClose={close} />
          </section>
        ) : null}
        {width > 0 && width < BESIDE_PX ? (
          <Drawer opened={one !== undefined} onClose={close} position="bottom" size="80%" title={one?.service} withCloseButton={false} classNames={{ content: css.drawer, header: css.drawerHead, body: css.drawerBody }}>
            {one ? <One map={map} one={one} range={range} seconds={per} onClose={close} /> : null}
          </Drawer>
        ) : null}
        {service && !one ? (
          <Notice
            kind="warn"
            title={text.notHere(service)}
            action={
              <Button size="xs" variant="default" onClick={close}>
                {text.panel.close}
              </Button>
            }
          />
        ) : null}
      </div>
      <div className={css.tables}>
        <Panel title={text.services} flush>
          <Services services={map.services} seconds={per} />
        </Panel>
        <Panel title={text.calls} flush>
          <Calls calls={map.calls} seconds={per} />
        </Panel>
      </div>
    </div>
  );
}
