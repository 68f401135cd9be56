import { Combobox, Kbd, TextInput, useCombobox } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { answer, api } from "../api/client";
import { useText } from "../text";
import { PAGES } from "./nav";

type Kind = "saga" | "trace" | "service" | "definition" | "page";
interface Place {
  kind: Kind;
  name: string;
  to: string;
}

const TRACE = /^[0-9a-f]{32}$/i;

/** Goes to anything by its name; `/` puts the cursor in. */
export function Jump() {
  const { common } = useText();
  const navigate = useNavigate();
  const [value, setValue] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  useHotkeys([["/", () => input.current?.focus()]]);
  const wanted = value.trim();
  const places = usePlaces(wanted);
  const close = () => {
    setValue("");
    combobox.closeDropdown();
  };
  const go = (to: string) => {
    close();
    void navigate({ to });
  };
  return (
    <Combobox store={combobox} onOptionSubmit={go} width={360} position="bottom-end">
      <Combobox.Target>
        <TextInput
          ref={input}
          value={value}
          onChange={(event) => {
            setValue(event.currentTarget.value);
            combobox.openDropdown();
            combobox.selectFirstOption();
          }}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={(event) => {
            // The list may have come after the last key: then none of it is chosen, and the first is meant.
            if (event.key !== "Enter" || !wanted || combobox.getSelectedOptionIndex() >= 0) return;
            event.preventDefault();
            if (places[0]) return go(places[0].to);
            close();
            void navigate({ to: "/sagas", search: { q: wanted } });
          }}
          placeholder={common.jumpShort}
          aria-label={common.jump}
          leftSection={<IconSearch size={15} />}
          rightSection={<Kbd size="xs" visibleFrom="sm">/</Kbd>}
          size="xs"
          style={{ flex: "0 1 240px", minWidth: 0 }}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={!wanted}>
        <Combobox.Options>
          {places.map((place) => (
            <Combobox.Option key={place.to} value={place.to}>
              <span className="soft">{common.kinds[place.kind]}</span> {place.name}
            </Combobox.Option>
          ))}
          {places.length === 0 ? <Combobox.Empty>{common.jumpNothing}</Combobox.Empty> : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function usePlaces(wanted: string): Place[] {
  const { common } = useText();
  const enabled = wanted.length > 0;
  const sagas = useQuery({
    queryKey: ["jump", wanted],
    queryFn: () => answer(api.GET("/v1/sagas", { params: { query: { q: wanted, limit: 6 } } })),
    enabled,
    refetchInterval: false,
  });
  const system = useQuery({ queryKey: ["system"], queryFn: () => answer(api.GET("/v1/system")), enabled });
  if (!enabled) return [];
  const has = (name: string) => name.toLowerCase().includes(wanted.toLowerCase());
  const of = (kind: Kind, names: string[], path: string): Place[] =>
    names.filter(has).map((name) => ({ kind, name, to: `${path}/${encodeURIComponent(name)}` }));
  return [
    ...(TRACE.test(wanted) ? [{ kind: "trace" as const, name: wanted, to: `/traces/${wanted.toLowerCase()}` }] : []),
    ...PAGES.filter(({ page }) => has(common.pages[page])).map(({ page, to }) => ({ kind: "page" as const, name: common.pages[page], to })),
    ...of("service", system.data?.services.map((service) => service.name) ?? [], "/services"),
    ...of("definition", system.data?.definitions ?? [], "/definitions"),
    ...(sagas.data?.sagas ?? []).map(({ id }) => ({ kind: "saga" as const, name: id, to: `/sagas/${encodeURIComponent(id)}` })),
  ].slice(0, 12);
}
