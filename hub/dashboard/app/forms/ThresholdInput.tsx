/** A threshold in milliseconds, as the hub takes it: a text while it is typed, so that it can be empty. */
import type { InputHTMLAttributes } from "react";

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange" | "type"> {
  value: string;
  onChange: (value: string) => void;
}

export function ThresholdInput({ onChange, ...rest }: Props) {
  return (
    <input
      {...rest}
      className="input"
      type="number"
      min={1}
      max={600_000}
      onChange={event => onChange(event.target.value)}
    />
  );
}
