import { Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { statusQuery } from "../../app/server";
import { Empty } from "../../parts/empty";
import { Page } from "../../parts/page";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import { Causes } from "./causes";
import { Failures } from "./failures";
import { FiguresPanel } from "./figures";
import css from "./home.module.css";
import { Services } from "./services";
import { Stats } from "./stats";
import { Verdict } from "./verdict";

const BEGIN = `ondol init
ondol apply ondol.yaml
ondol run NAME --input '{}'`;

/** Is everything well? If not: what, since when, and where to look. */
export function HomePage() {
  const { home } = useText();
  const sagas = useQuery(statusQuery).data?.sagas;
  const never = sagas !== undefined && Object.values(sagas).every((count) => count === 0);
  return (
    <Page title={home.title}>
      {never ? <Begin /> : <Verdict />}
      <Stats />
      <FiguresPanel />
      <div className={css.columns}>
        <div style={{ display: "grid", gap: 16, minWidth: 0 }}>
          <Causes />
          <Services />
        </div>
        <Failures />
      </div>
    </Page>
  );
}

function Begin() {
  const { begin } = useText().home;
  return (
    <Panel>
      <Empty title={begin.title}>
        {begin.text}
        <Code block mt="sm" ta="left">
          {BEGIN}
        </Code>
      </Empty>
    </Panel>
  );
}
