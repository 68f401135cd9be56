import { useQuery } from "@tanstack/react-query";
import { Answer } from "../../parts/answer";
import { Page } from "../../parts/page";
import { Panel } from "../../parts/panel";
import { useText } from "../../text";
import { definitionsQuery, systemQuery } from "../definition/query";
import { File } from "./file";
import { Findings } from "./findings";
import { List } from "./list";
import css from "./definitions.module.css";

/** Every definition there is, and the file they came from with what lint says of it. */
export function DefinitionsPage() {
  const text = useText().definitions;
  const definitions = useQuery(definitionsQuery);
  const system = useQuery(systemQuery);
  return (
    <Page title={text.title}>
      <Panel flush>
        <Answer query={definitions} height={240}>
          {(data) => <List rows={data.definitions} />}
        </Answer>
      </Panel>
      <Answer query={system} height={220}>
        {(data) => (
          <div className={css.columns}>
            <Findings system={data} />
            <File system={data} />
          </div>
        )}
      </Answer>
    </Page>
  );
}
