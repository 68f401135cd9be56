import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { IconMapPinExclamation } from "@tabler/icons-react";
import { Answer } from "../../parts/answer";
import { Badge } from "../../parts/badge";
import { Panel } from "../../parts/panel";
import { useLanguage } from "../../text";
import { type Saga, type Story, storyQuery } from "./query";
import css from "./story.module.css";

/** The story in plain words: the headline, and where and why it failed if it did. */
export function StoryPanel({ saga }: { saga: Saga }) {
  const { language, text } = useLanguage();
  const query = useQuery(storyQuery(saga.id, language, saga.seq));
  return (
    <Panel title={text.saga.story.title}>
      <Answer query={query} height={72}>
        {(story) => (
          <>
            <p className={css.headline}>{story.headline}</p>
            {story.failing ? <Failing failing={story.failing} /> : null}
            <Facts story={story} />
          </>
        )}
      </Answer>
    </Panel>
  );
}

function Failing({ failing }: { failing: NonNullable<Story["failing"]> }) {
  const { text } = useLanguage();
  return (
    <section aria-label={text.saga.story.failing} data-testid="failing">
      <div className={css.failing}>
        <Badge tone="parked" icon={IconMapPinExclamation}>
          {text.saga.story.failing}
        </Badge>
        {failing.step ? <b>{failing.step}</b> : null}
        {failing.service ? (
          <Link to="/services/$name" params={{ name: failing.service }} className="link soft">
            {failing.service}
          </Link>
        ) : null}
      </div>
      {failing.text.map((line) => (
        <p key={line} className={css.text}>
          {line}
        </p>
      ))}
    </section>
  );
}

function Facts({ story }: { story: Story }) {
  const { story: words } = useLanguage().text.saga;
  const groups = [
    { title: words.undone, lines: story.undone },
    { title: words.left, lines: story.left },
  ].filter(({ lines }) => lines.length > 0);
  if (groups.length === 0) return null;
  return (
    <div className={css.facts}>
      {groups.map(({ title, lines }) => (
        <div key={title}>
          <h3>{title}</h3>
          <ul>
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
