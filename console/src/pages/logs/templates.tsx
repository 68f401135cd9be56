import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import type { Schemas } from "../../api/client";
import { length } from "../../app/search";
import { Answer } from "../../parts/answer";
import { Badge } from "../../parts/badge";
import { durationMs } from "../../parts/format/duration";
import { Empty } from "../../parts/empty";
import { count, percent } from "../../parts/format/number";
import { Ago } from "../../parts/moment";
import { isQueryProblem } from "../../parts/query-bar/notes";
import { type Column, Rows } from "../../parts/rows";
import { type Text, useText } from "../../text";
import { NoneMatch } from "./none";
import css from "./logs.module.css";
import { type Search, templatesQuery } from "./query";
import { DIFFERS, templateQuery } from "./template-query";

type Template = Schemas["Template"];

/** What lines have in common, the most frequent first. */
export function Templates({ search }: { search: Search }) {
  const text = useText();
  const { templates: label } = text.logs;
  const query = useQuery(templatesQuery(search));
  if (isQueryProblem(query.error)) return <Empty title={text.logs.query.unfinished} />;
  return (
    <div className={query.data ? undefined : css.padded}>
      <Answer query={query} height={420}>
        {({ templates, lines, more }) => {
          if (templates.length === 0) return <NoneMatch search={search} />;
          // Where all are new there was nothing to compare with.
          const compared = templates.some((template) => !template.new);
          return (
            <>
              <Rows label={label.label} columns={columns(text, search, lines, compared)} rows={templates} id={(template) => template.id} height={36} />
              <p className={`soft ${css.end}`}>{(more ? label.lookedNewest : label.looked)(count(lines))}</p>
            </>
          );
        }}
      </Answer>
    </div>
  );
}

function columns({ logs }: Text, search: Search, lines: number, compared: boolean): Column<Template>[] {
  const { templates: label } = logs;
  const newWhy = label.newWhy(durationMs(length(search, Date.now())));
  return [
    { key: "count", label: label.count, width: "72px", narrow: "56px", right: true, cell: (one) => <span className="numbers">{count(one.count)}</span> },
    { key: "share", label: label.share, width: "132px", cell: (one) => <Share part={one.count} of={lines} /> },
    {
      key: "service",
      label: label.service,
      width: "minmax(72px, 124px)",
      cell: ({ service }) => (
        <Link to="/services/$name" params={{ name: service }} className="link soft">
          {service}
        </Link>
      ),
    },
    {
      key: "text",
      label: label.text,
      width: "minmax(0, 1fr)",
      narrow: "minmax(0, 1fr)",
      cell: (one) => (
        <>
          {one.new && compared ? (
            <span title={newWhy} style={{ marginRight: 8 }}>
              <Badge tone="compensated">{label.new}</Badge>
            </span>
          ) : null}
          <Link
            to="/logs"
            search={(before) => ({ ...before, tab: undefined, line: undefined, q: templateQuery(search.q ?? "", one) })}
            className="row-link mono"
            title={one.text.slice(0, 500)}
          >
            <TemplateText text={one.text} />
          </Link>
        </>
      ),
    },
    { key: "first", label: label.first, width: "84px", right: true, cell: (one) => <span className="soft"><Ago at={one.first_ns} /></span> },
    { key: "last", label: label.last, width: "84px", right: true, cell: (one) => <Ago at={one.last_ns} /> },
  ];
}

function Share({ part, of }: { part: number; of: number }) {
  return (
    <span className={css.share}>
      <span className={css.track} aria-hidden>
        <span className={css.filled} style={{ display: "block", width: `${of ? (100 * part) / of : 0}%` }} />
      </span>
      <span className="numbers soft">{percent(part, of)}</span>
    </span>
  );
}

function TemplateText({ text }: { text: string }) {
  const { differs } = useText().logs.templates;
  return text
    .replace(/\s+/g, " ")
    .split(DIFFERS)
    .map((piece, at) => (
      <Fragment key={at}>
        {at > 0 ? (
          <span className={css.differs} title={differs}>
            *
          </span>
        ) : null}
        {piece}
      </Fragment>
    ));
}
