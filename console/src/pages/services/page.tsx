import { Page } from "../../parts/page";
import { useText } from "../../text";

export function ServicesPage() {
  const text = useText().services;
  return <Page title={text.title}>{null}</Page>;
}
