import { Page } from "../../parts/page";
import { useText } from "../../text";

export function ServicePage() {
  const text = useText().services;
  return <Page title={text.title}>{null}</Page>;
}
