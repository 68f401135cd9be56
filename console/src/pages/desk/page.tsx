import { Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { Tabs } from "@mantine/core";
import { Page } from "../../parts/page";
import { useText } from "../../text";
import { Audit } from "./audit";
import { Batches } from "./batches";
import { Causes } from "./causes";
import { Group } from "./group";

const route = getRouteApi("/desk");

const TABS = ["causes", "batches", "audit"] as const;

/** Where stuck work is repaired: what needs a person by cause, what is being done about it, and who did what. */
export function DeskPage() {
  const { desk } = useText();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const tab = TABS.find((one) => one === search.tab) ?? "causes";
  return (
    <Page title={desk.title} about={<Text c="dimmed">{desk.about}</Text>}>
      <Tabs value={tab} onChange={(next) => void navigate({ search: next === "causes" ? {} : { tab: next ?? undefined }, replace: true })} keepMounted={false}>
        <Tabs.List aria-label={desk.tabs.label} mb="md">
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {desk.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="causes">{search.cause ? <Group cause={search.cause} /> : <Causes />}</Tabs.Panel>
        <Tabs.Panel value="batches">
          <Batches shown={search.batch} />
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <Audit />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
