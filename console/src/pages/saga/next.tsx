import { Code, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Ago, Moment } from "../../parts/moment";
import { Panel } from "../../parts/panel";
import { useLanguage } from "../../text";
import { nextWords } from "./next-words";
import { type Saga, storyQuery } from "./query";

/** What happens by itself, when, and what a person can do. */
export function NextPanel({ saga }: { saga: Saga }) {
  const { language, text } = useLanguage();
  const { story: words } = text.saga;
  const next = nextWords(saga, text);
  const story = useQuery(storyQuery(saga.id, language, saga.seq)).data;
  return (
    <Panel title={words.next}>
      <Stack gap="sm">
        {next ? (
          <div>
            {next.what}
            {next.at ? (
              <span className="soft">
                {" "}
                · <Ago at={next.at} />
              </span>
            ) : null}
          </div>
        ) : (
          <span className="soft">{words.nothing}</span>
        )}
        {saga.status === "running" && !saga.paused ? (
          <div className="soft">
            {words.deadline} <Moment at={saga.deadline_at} />
          </div>
        ) : null}
        {story?.next.map((advice) => (
          <div key={advice.text}>
            {advice.text}
            {advice.command ? (
              <Code block mt={4} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
                {advice.command}
              </Code>
            ) : null}
          </div>
        ))}
      </Stack>
    </Panel>
  );
}
