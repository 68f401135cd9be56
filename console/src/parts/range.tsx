import { Button, Select } from "@mantine/core";
import { RANGES, type Range, type RangeName } from "../app/search";
import { useText } from "../text";
import { clock, moment } from "./format/time";
import { useNow } from "./now";

interface Props {
  value: Range;
  otherwise?: RangeName;
  onChange: (range: Range) => void;
}

/** The span of time that a page shows: one of the usual ones, or one that was chosen in a chart. */
export function RangePicker({ value, otherwise = "1h", onChange }: Props) {
  const { ranges, clear } = useText().common;
  const now = useNow();
  if (value.from) {
    const from = moment(Date.parse(value.from), now);
    const to = value.to ? clock(Date.parse(value.to), false) : "";
    return (
      <Button variant="default" size="xs" onClick={() => onChange({})} title={clear}>
        {from} – {to} ×
      </Button>
    );
  }
  return (
    <Select
      aria-label={ranges.label}
      size="xs"
      w={170}
      allowDeselect={false}
      data={RANGES.map((name) => ({ value: name, label: ranges[name] }))}
      value={value.since ?? otherwise}
      onChange={(since) => onChange({ since: since as RangeName })}
    />
  );
}
