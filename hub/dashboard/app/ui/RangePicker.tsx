/** Chooses the time range: a preset that moves with the clock, or two moments. */
import { type FormEvent, useState } from "react";
import { fromLocalInput, TIME_ZONE, TIME_ZONE_SHORT, timeSpan, toLocalInput } from "../format/time";
import { navigate, useLocation, withParams } from "../url/location";
import { PRESETS, parseRange, presetParams, problemOf, windowOf, windowParams } from "../url/range";
import { ChevronIcon, ClockIcon } from "./icons";
import { Popover } from "./Popover";

export function RangePicker() {
  const range = parseRange(useLocation().params);
  const label = range.kind === "moving" ? range.preset.label : timeSpan(range.from, range.to);
  return (
    <Popover
      title="Time range"
      className="range-picker"
      label={
        <>
          <ClockIcon /> {label} <span className="muted">{TIME_ZONE_SHORT}</span> <ChevronIcon />
        </>
      }
    >
      {close => (
        <>
          <ul className="menu">
            {PRESETS.map(preset => (
              <li key={preset.name}>
                <button
                  type="button"
                  aria-current={range.kind === "moving" && range.preset.name === preset.name}
                  onClick={() => {
                    navigate(withParams(presetParams(preset.name)));
                    close();
                  }}
                >
                  {preset.label}
                </button>
              </li>
            ))}
          </ul>
          <CustomRange close={close} />
        </>
      )}
    </Popover>
  );
}

function CustomRange({ close }: { close: () => void }) {
  const shown = windowOf(parseRange(useLocation().params), Date.now() / 1000);
  const [from, setFrom] = useState(toLocalInput(shown.from));
  const [to, setTo] = useState(toLocalInput(shown.to));
  const [start, end] = [fromLocalInput(from), fromLocalInput(to)];
  const wrong = problemOf(start, end);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong !== null || start === null || end === null) return;
    navigate(withParams(windowParams(start, end)));
    close();
  };
  return (
    <form className="custom-range" onSubmit={submit}>
      <label>
        From
        <input
          type="datetime-local"
          className="input"
          value={from}
          onChange={event => setFrom(event.target.value)}
          required
        />
      </label>
      <label>
        To
        <input
          type="datetime-local"
          className="input"
          value={to}
          onChange={event => setTo(event.target.value)}
          required
          aria-invalid={wrong !== null}
        />
      </label>
      <p className={wrong === null ? "muted" : "field-error"}>{wrong ?? `Times are in ${TIME_ZONE}`}</p>
      <button type="submit" className="button button-primary" disabled={wrong !== null}>
        Apply
      </button>
    </form>
  );
}
