import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Page } from "../parts/page";
import { useText } from "../text";

/** An address that is no page. */
export function Lost() {
  const { notFound } = useText().common;
  return (
    <Page title={notFound.title}>
      <Text c="dimmed">{notFound.text}</Text>
      <Anchor component={Link} to="/">
        {notFound.home}
      </Anchor>
    </Page>
  );
}
