import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Answer } from "../../parts/answer";
import { clock, millis } from "../../parts/format/time";
import { MessageLine } from "../../parts/logs/message";
import { LevelTag } from "../../parts/logs/level";
import { useText } from "../../text";
import css from "./details.module.css";
import { idOf, type Line } from "./line";
import { contextQuery } from "./query";

const FEW = 6;
const MANY = 40;

/** What the same instance wrote before and after a line. */
export function Context({ line }: { line: Line }) {
  const { details } = useText().logs;
  const [lines, setLines] = useState(FEW);
  const query = useQuery(contextQuery(idOf(line), line.instance, lines));
  return (
    <div>
      <h3 className={css.title}>{details.context}</h3>
      <Answer query={query} height={(2 * FEW + 1) * 26}>
        {({ before, after }) => (
          <>
            {before.length + after.length === 0 ? <p className="soft">{details.alone}</p> : null}
            <ol className={css.context} aria-label={details.contextOf(line.instance || line.service)} tabIndex={0}>
              {[...before, line, ...after].map((one) => (
                <Neighbour key={idOf(one)} line={one} here={one === line} />
              ))}
            </ol>
            {lines === FEW && Math.max(before.length, after.length) >= FEW ? (
              <Button mt={6} size="compact-xs" variant="default" onClick={() => setLines(MANY)}>
                {details.contextMore}
              </Button>
            ) : null}
          </>
        )}
      </Answer>
    </div>
  );
}

function Neighbour({ line, here }: { line: Line; here: boolean }) {
  const { details } = useText().logs;
  const text = (
    <>
      <span className="soft numbers">{clock(millis(line.time_ns))}</span>
      <LevelTag level={line.level} />
      <span className="cut">
        <MessageLine body={line.body} marks={null} />
      </span>
    </>
  );
  return (
    <li className="mono">
      {here ? (
        <span className={`${css.neighbour} ${css.here}`} aria-current="true">
          {text}
          <span className="seen-by-readers">{details.contextHere}</span>
        </span>
      ) : (
        <Link to="/logs" search={(search) => ({ ...search, line: idOf(line) })} replace resetScroll={false} className={css.neighbour}>
          {text}
        </Link>
      )}
    </li>
  );
}
