/** What something is called: an app, a token, a view. */
import type { ReactNode } from "react";
import { Field } from "./Field";

interface Props {
  value: string;
  onChange: (name: string) => void;
  hint?: ReactNode;
  error?: string | null;
  placeholder?: string;
}

export function NameField({ value, onChange, placeholder, ...rest }: Props) {
  return (
    <Field label="Name" {...rest}>
      {field => (
        <input
          {...field}
          className="input"
          value={value}
          maxLength={100}
          autoComplete="off"
          placeholder={placeholder}
          onChange={event => onChange(event.target.value)}
          required
        />
      )}
    </Field>
  );
}
