import { ActionIcon, Combobox, TextInput, useCombobox } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useRef, useState } from "react";
import type { Schemas } from "../../api/client";
import { useText } from "../../text";
import { accept, complete, type Completion, type Option } from "./complete";
import type { Signal } from "./fields";
import { Help } from "./help";
import { Notes } from "./notes";
import { Offers } from "./offers";
import css from "./query-bar.module.css";
import { useServices } from "./vocabulary";

interface Props {
  value: string;
  onSubmit: (query: string) => void;
  signal: Signal;
  /** Attributes that may be asked for, with some of their values: `attributesOf` finds them in records. */
  attributes?: Record<string, string[]>;
  /** What the server said about this query, if it refused something. */
  error?: unknown;
  hints?: Schemas["QueryHint"][] | undefined;
}

const NOTHING: Completion = { from: 0, to: 0, options: [] };

/** Where a query is written: it offers what may come next, and says what the server did not understand. */
export function QueryBar({ value, onSubmit, signal, attributes = {}, error, hints }: Props) {
  const { query: text } = useText().logs;
  const input = useRef<HTMLInputElement>(null);
  const services = useServices();
  const [written, setWritten] = useState(value);
  const [offered, setOffered] = useState(NOTHING);
  // Another address is another query: what was written here and not sent gives way.
  const [sent, setSent] = useState(value);
  if (sent !== value) {
    setSent(value);
    setWritten(value);
  }
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const offer = (query: string, cursor: number) => {
    const next = complete(query, cursor, signal, { services, attributes });
    setOffered(next);
    box.resetSelectedOption();
    if (next.options.length > 0) box.openDropdown();
    else box.closeDropdown();
  };
  const write = (query: string, cursor: number) => {
    setWritten(query);
    offer(query, cursor);
  };
  const submit = (query: string) => {
    box.closeDropdown();
    setWritten(query);
    onSubmit(query.trim());
  };
  const take = (option: Option) => {
    const next = accept(written, offered, option);
    write(next.query, next.cursor);
    // React sets the value first, which moves the cursor to the end.
    requestAnimationFrame(() => input.current?.setSelectionRange(next.cursor, next.cursor));
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const chosen = box.dropdownOpened ? box.getSelectedOptionIndex() : -1;
    const begun = offered.from < (input.current?.selectionStart ?? 0);
    if (event.key === "Enter" && chosen < 0) {
      event.preventDefault();
      submit(written);
    }
    // Tab takes what is offered for what was begun; otherwise it goes on to the next control, as everywhere.
    const option = offered.options[Math.max(chosen, 0)];
    if (event.key === "Tab" && !event.shiftKey && box.dropdownOpened && option && (chosen >= 0 || begun)) {
      event.preventDefault();
      take(option);
    }
  };
  const here = () => offer(written, input.current?.selectionStart ?? written.length);
  return (
    <div className={css.bar}>
      <div className={css.line}>
        <Combobox store={box} position="bottom-start" width="target" onOptionSubmit={(at) => take(offered.options[Number(at)] as Option)}>
          <Combobox.Target targetType="input" withExpandedAttribute>
            <TextInput
              ref={input}
              className={css.input}
              size="sm"
              value={written}
              aria-label={text.label}
              aria-autocomplete="list"
                aria-invalid={error ? true : undefined}
              placeholder={text.hint[signal]}
              spellCheck={false}
              autoCapitalize="off"
              autoComplete="off"
              enterKeyHint="search"
              leftSection={<IconSearch size={16} aria-hidden />}
              rightSection={
                written ? (
                  <ActionIcon variant="subtle" color="gray" size="sm" aria-label={text.clear} onClick={() => submit("")}>
                    <IconX size={14} />
                  </ActionIcon>
                ) : undefined
              }
              onChange={({ currentTarget }) => write(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length)}
              onClick={here}
              onFocus={here}
              onBlur={() => box.closeDropdown()}
              onKeyDown={onKeyDown}
            />
          </Combobox.Target>
          <Offers options={offered.options} />
        </Combobox>
        <Help />
      </div>
      <div role="status">
        <Notes query={value} error={error} hints={hints} onMeant={submit} />
      </div>
    </div>
  );
}
