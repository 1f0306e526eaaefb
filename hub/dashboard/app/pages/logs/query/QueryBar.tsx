/** The field in which the query is typed: Enter asks, a query that cannot be understood says why and changes nothing. */
import { type FormEvent, useEffect, useRef, useState } from "react";
import { SearchIcon } from "../../../ui/icons";
import { Popover } from "../../../ui/Popover";
import { useShortcuts } from "../../../ui/useShortcuts";
import { QueryProblem } from "./lex";
import { type LogQuery, parseQuery, writeQuery } from "./query";

interface Props {
  query: LogQuery;
  ask: (query: LogQuery) => void;
}

export function QueryBar({ query, ask }: Props) {
  const asked = writeQuery(query);
  const [typed, setTyped] = useState(asked);
  const [problem, setProblem] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    setTyped(asked);
    setProblem(null);
  }, [asked]);
  useShortcuts({
    "/": event => {
      event.preventDefault();
      input.current?.focus();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    try {
      const next = parseQuery(typed);
      setProblem(null);
      setTyped(writeQuery(next));
      ask(next);
    } catch (error) {
      if (!(error instanceof QueryProblem)) throw error;
      setProblem(error.message);
    }
  };
  return (
    <form className="query-bar" onSubmit={submit}>
      <div className="search">
        <SearchIcon />
        <input
          ref={input}
          className="input mono"
          type="search"
          aria-label="Query"
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : "query-problem"}
          placeholder='status:>=500 path:/orders* consumer:acme duration:>200ms "timeout"'
          value={typed}
          spellCheck={false}
          autoComplete="off"
          onChange={event => setTyped(event.target.value)}
          onKeyDown={event => {
            if (event.key !== "Escape") return;
            if (typed === asked) input.current?.blur();
            else setTyped(asked);
            setProblem(null);
          }}
        />
        <kbd>/</kbd>
      </div>
      <Help />
      <button type="submit" className="button button-primary">
        Search
      </button>
      {problem !== null && (
        <p className="field-error" id="query-problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

const EXAMPLES = [
  ["status:>=500", "also 404, 4xx, 200..299, several with commas; -status:404 leaves it out"],
  ["path:/orders*", "the route's template; * stands for any characters"],
  ["method:POST", ""],
  ["consumer:acme", "the identifier that the app gave; quotes where it has spaces"],
  ["duration:>200ms", "also <1s, 100ms..2s"],
  ["trace:4bf92f3577b34da6a3ce929d0e0e4736", "a trace id"],
  ['"timeout"', "in the URL, headers, bodies and application logs, whatever the case"],
] as const;

function Help() {
  return (
    <Popover title="How to write a query" label="Syntax">
      {() => (
        <div className="query-help">
          <p>A request must fit every condition.</p>
          <dl>
            {EXAMPLES.map(([example, meaning]) => (
              <div key={example}>
                <dt className="mono">{example}</dt>
                <dd className="muted">{meaning}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </Popover>
  );
}
