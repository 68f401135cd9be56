import { Page } from "../../parts/page";
import { useText } from "../../text";

export function LogsPage() {
  const text = useText().logs;
  return <Page title={text.title}>{null}</Page>;
}
