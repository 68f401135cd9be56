import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../../api/client";
import { statusQuery } from "../../app/server";
import { colour } from "../../parts/badge";
import { compact } from "../../parts/format/number";
import { RangePicker } from "../../parts/range";
import { ICONS, STATUSES } from "../../parts/status";
import { useText } from "../../text";
import css from "./filters.module.css";
import type { Filters } from "./query";

interface Props {
  value: Filters;
  onChange: (filters: Partial<Filters>) => void;
}

/** What the list is narrowed to. */
export function FilterBar({ value, onChange }: Props) {
  const { sagas, common } = useText();
  const { filters } = sagas;
  const system = useQuery({ queryKey: ["system"], queryFn: () => answer(api.GET("/v1/system")) }).data;
  const [text, setText] = useState(value.q ?? "");
  // What was last asked for from here: any other query came by the address, and the field follows it.
  const [asked, setAsked] = useState(value.q);
  if (value.q !== asked) {
    setAsked(value.q);
    setText(value.q ?? "");
  }
  const search = useDebouncedCallback((typed: string) => {
    const q = typed || undefined;
    setAsked(q);
    onChange({ q });
  }, 250);
  const any = value.status || value.definition || value.service || value.q || value.from || value.since;
  return (
    <search aria-label={filters.label}>
      <div className={css.bar}>
        <StatusChips value={value.status} onChange={(status) => onChange({ status })} />
        <TextInput
          size="xs"
          w={230}
          leftSection={<IconSearch size={14} />}
          aria-label={filters.q}
          placeholder={filters.q}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            search(event.currentTarget.value.trim());
          }}
        />
        <Select
          size="xs"
          w={160}
          clearable
          aria-label={filters.definition}
          placeholder={filters.definition}
          data={system?.definitions ?? []}
          value={value.definition ?? null}
          onChange={(definition) => onChange({ definition: definition ?? undefined })}
        />
        <Select
          size="xs"
          w={160}
          clearable
          aria-label={filters.service}
          placeholder={filters.service}
          data={system?.services.map((service) => service.name) ?? []}
          value={value.service ?? null}
          onChange={(service) => onChange({ service: service ?? undefined })}
        />
        <RangePicker value={value} otherwise={null} onChange={(range) => onChange({ since: undefined, from: undefined, to: undefined, ...range })} />
        {any ? (
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            leftSection={<IconX size={14} />}
            onClick={() => {
              search.cancel();
              setText("");
              onChange({ status: undefined, definition: undefined, service: undefined, q: undefined, since: undefined, from: undefined, to: undefined });
            }}
          >
            {common.clear}
          </Button>
        ) : null}
      </div>
    </search>
  );
}

/** The statuses, each with how many sagas have it; several may be chosen. */
function StatusChips({ value, onChange }: { value: string | undefined; onChange: (status: string | undefined) => void }) {
  const { common, sagas } = useText();
  const counts = useQuery(statusQuery).data?.sagas;
  const chosen = new Set(value?.split(",") ?? []);
  const toggle = (status: string) => {
    const next = STATUSES.filter((one) => (one === status ? !chosen.has(one) : chosen.has(one)));
    onChange(next.length ? next.join(",") : undefined);
  };
  return (
    <fieldset className={css.chips} aria-label={sagas.filters.status}>
      {STATUSES.map((status) => {
        const Icon = ICONS[status];
        return (
          <button
            key={status}
            type="button"
            className={css.chip}
            aria-pressed={chosen.has(status)}
            onClick={() => toggle(status)}
            style={{ "--of": colour(status) } as React.CSSProperties}
          >
            <Icon size={14} aria-hidden style={{ color: colour(status) }} />
            {common.statuses[status]} <b className="numbers">{counts ? compact(counts[status]) : "–"}</b>
          </button>
        );
      })}
    </fieldset>
  );
}
