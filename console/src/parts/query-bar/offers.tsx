import { Combobox, Kbd } from "@mantine/core";
import { useText } from "../../text";
import type { Option } from "./complete";
import css from "./query-bar.module.css";

/** What may come next in a query. */
export function Offers({ options }: { options: Option[] }) {
  const { query: text } = useText().logs;
  return (
    <Combobox.Dropdown hidden={options.length === 0}>
      <Combobox.Options aria-label={text.offers}>
        {options.map((option, at) => (
          <Combobox.Option key={`${option.kind} ${option.insert}`} value={String(at)} className={css.option}>
            <span className="mono cut">{option.label}</span>
            <span className={css.about}>{about(option, text)}</span>
          </Combobox.Option>
        ))}
      </Combobox.Options>
      <Combobox.Footer className={css.keys}>
        <span>
          <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> {text.keys.move}
        </span>
        <span>
          <Kbd size="xs">Tab</Kbd> {text.keys.take}
        </span>
        <span>
          <Kbd size="xs">Enter</Kbd> {text.keys.run}
        </span>
      </Combobox.Footer>
    </Combobox.Dropdown>
  );
}

type Words = ReturnType<typeof useText>["logs"]["query"];

function about({ kind, label, field }: Option, text: Words): string {
  if (kind === "operator") return text.operators[label as keyof Words["operators"]];
  if (kind === "field" && field) return text.fields[field];
  return kind === "value" ? "" : text.kinds[kind];
}
