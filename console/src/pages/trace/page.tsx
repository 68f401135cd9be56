import { Page } from "../../parts/page";
import { useText } from "../../text";

export function TracePage() {
  const text = useText().traces;
  return <Page title={text.title}>{null}</Page>;
}
