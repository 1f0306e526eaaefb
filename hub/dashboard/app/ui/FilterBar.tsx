/** The filters that are on, as chips that a click takes away, and the form that adds others. */
import { type FormEvent, useState } from "react";
import { useKnownFilters } from "../api/knownFilters";
import { FILTER_LABELS, type FilterName, filtersOf, NO_FILTERS, statusOf } from "../url/filters";
import { navigate, useLocation, withParams } from "../url/location";
import "./chip.css";
import { CloseIcon, FilterIcon } from "./icons";
import { Popover } from "./Popover";

interface Props {
  appId: string;
  env: string;
  known: readonly FilterName[];
}

export function FilterBar({ appId, env, known }: Props) {
  const { params } = useLocation();
  const on = Object.entries(filtersOf(params, known)) as [FilterName, string][];
  return (
    <div className="filter-bar">
      {on.map(([name, value]) => (
        <button
          key={name}
          type="button"
          className="button chip"
          title={`Only requests with ${FILTER_LABELS[name].toLowerCase()} ${value} are shown. Click to show all.`}
          onClick={() => navigate(withParams({ [name]: null }))}
        >
          <span>
            {FILTER_LABELS[name]} <b>{value}</b>
          </span>
          <CloseIcon />
        </button>
      ))}
      {known.length > 1 && (
        <Popover
          title="Filter by consumer, method, path or status"
          label={
            <>
              <FilterIcon /> Filter
            </>
          }
        >
          {close => <FilterForm appId={appId} env={env} known={known} onDone={close} />}
        </Popover>
      )}
    </div>
  );
}

function FilterForm({ appId, env, known, onDone }: Props & { onDone: () => void }) {
  const { params } = useLocation();
  const [typed, setTyped] = useState(() => filtersOf(params, known));
  const offered = useKnownFilters(appId, env);
  const wrong = typed.status !== undefined && typed.status !== "" && statusOf(typed.status) === null;
  const apply = (event: FormEvent) => {
    event.preventDefault();
    if (wrong) return;
    const status = typed.status ? statusOf(typed.status) : null;
    navigate(
      withParams(Object.fromEntries(known.map(name => [name, name === "status" ? status : (typed[name] ?? null)]))),
    );
    onDone();
  };
  const clear = () => {
    navigate(withParams(Object.fromEntries(known.map(name => [name, NO_FILTERS[name]]))));
    onDone();
  };
  return (
    <form className="filter-form" onSubmit={apply}>
      {known.map(name => (
        <label key={name}>
          {FILTER_LABELS[name]}
          <input
            className="input"
            list={`known-${name}`}
            value={typed[name] ?? ""}
            placeholder={PLACEHOLDERS[name]}
            aria-invalid={name === "status" && wrong}
            autoComplete="off"
            spellCheck={false}
            onChange={event => setTyped({ ...typed, [name]: event.target.value })}
          />
          <datalist id={`known-${name}`}>
            {offered[name].map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </datalist>
        </label>
      ))}
      {wrong && <p className="field-error">A status is a code such as 404, or a class such as 4xx.</p>}
      <div className="filter-actions">
        <button type="button" className="button button-quiet" onClick={clear}>
          Show all
        </button>
        <button type="submit" className="button button-primary">
          Apply
        </button>
      </div>
    </form>
  );
}

const PLACEHOLDERS: Record<FilterName, string> = {
  consumer: "All consumers",
  method: "All methods",
  path: "All paths",
  status: "404 or 4xx",
};
