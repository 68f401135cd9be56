import { Copy } from "../../parts/copy";
import { attributeIs } from "../../parts/query-bar/write";
import { AddToQuery } from "./add-to-query";
import css from "./details.module.css";

interface Props {
  title: string;
  values: Record<string, string>;
  query: string;
}

/** Names and values, each of which can be searched for. */
export function Attributes({ title, values, query }: Props) {
  const names = Object.keys(values).sort();
  if (names.length === 0) return null;
  return (
    <div>
      <h3 className={css.title}>{title}</h3>
      <dl className={css.facts}>
        {names.map((name) => {
          const value = values[name] ?? "";
          return (
            <div key={name} className={css.fact}>
              <dt className="mono">{name}</dt>
              <dd className="mono">{value}</dd>
              <dd className={css.add}>
                <Copy value={value} />
                <AddToQuery query={query} condition={attributeIs(name, value)} />
              </dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}
