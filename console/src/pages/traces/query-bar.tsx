import { ActionIcon, Anchor, Button, TextInput } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useText } from "../../text";
import css from "./traces.module.css";

/** What people mostly ask for; each shows how the language is written. */
const EXAMPLES = ["status:error", "duration:>100ms", "kind:server status:error", "http.response.status_code:>=500", "service:ondol name:saga*"];

interface Props {
  value: string;
  onChange: (q: string) => void;
}

/** Asks for traces in the language of queries. */
export function QueryBar({ value, onChange }: Props) {
  const { query } = useText().traces;
  const { clear } = useText().common;
  const [text, setText] = useState(value);
  // What the address says goes into the field whenever it changes, and never in between.
  const [asked, setAsked] = useState(value);
  if (asked !== value) {
    setAsked(value);
    setText(value);
  }
  return (
    <search aria-label={query.label}>
      <form
        className={css.bar}
        onSubmit={(event) => {
          event.preventDefault();
          onChange(text.trim());
        }}
      >
        <TextInput
          className={css.input}
          classNames={{ input: "mono" }}
          aria-label={query.label}
          placeholder={query.placeholder}
          value={text}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
          leftSection={<IconSearch size={16} />}
          rightSection={
            text ? (
              <ActionIcon variant="subtle" color="gray" aria-label={clear} onClick={() => onChange("")}>
                <IconX size={15} />
              </ActionIcon>
            ) : null
          }
        />
        <Button type="submit" variant="default">{query.run}</Button>
      </form>
      <div className={css.examples}>
        <span className="soft">{query.examples}</span>
        {EXAMPLES.map((example) => (
          <button key={example} type="button" className={css.chip} aria-pressed={value === example} onClick={() => onChange(value === example ? "" : example)}>
            {example}
          </button>
        ))}
        <Anchor href="/docs/queries" target="_blank" size="xs" c="var(--accent)">
          {query.help}
        </Anchor>
      </div>
    </search>
  );
}
