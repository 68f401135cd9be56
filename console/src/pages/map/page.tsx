import { Page } from "../../parts/page";
import { useText } from "../../text";

export function MapPage() {
  const text = useText().map;
  return <Page title={text.title}>{null}</Page>;
}
