import { Page } from "../../parts/page";
import { useText } from "../../text";

export function HomePage() {
  const text = useText().home;
  return <Page title={text.title}>{null}</Page>;
}
