import { Group, Stack, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useText } from "../text";

interface Props {
  title: string;
  /** What stands in the browser's tab, where the title is not text. */
  name?: string;
  /** Beside the title: what the page is about. */
  about?: ReactNode;
  /** At the right: what can be done. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of every page: its one heading, what can be done, and what it shows. */
export function Page({ title, name, about, actions, children }: Props) {
  const { product } = useText().common;
  useEffect(() => {
    document.title = `${name ?? title} · ${product}`;
  }, [name, title, product]);
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="sm" align="center" wrap="wrap">
        <Group gap="sm" align="center" wrap="wrap" style={{ minWidth: 0 }}>
          <Title order={1} className="cut">
            {title}
          </Title>
          {about}
        </Group>
        {actions ? <Group gap="xs">{actions}</Group> : null}
      </Group>
      {children}
    </Stack>
  );
}
