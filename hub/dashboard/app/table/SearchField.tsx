/** The search of a table: `/` goes there, Esc clears it; what is searched for is in the address. */
import { useRef } from "react";
import { SearchIcon } from "../ui/icons";
import { useShortcuts } from "../ui/useShortcuts";
import { navigate, useLocation, withParams } from "../url/location";
import "./tools.css";

interface Props {
  placeholder: string;
  label: string;
  /** What it is called in the address. */
  param?: string;
}

export function SearchField({ placeholder, label, param = "q" }: Props) {
  const search = useLocation().params.get(param) ?? "";
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({
    "/": event => {
      // Of several, the first on the page has the key.
      if (document.querySelector(".search input") !== input.current) return;
      event.preventDefault();
      input.current?.focus();
    },
  });
  const type = (text: string) => navigate(withParams({ [param]: text }), "replace");
  return (
    <div className="search">
      <SearchIcon />
      <input
        ref={input}
        className="input"
        type="search"
        placeholder={placeholder}
        aria-label={label}
        value={search}
        onChange={event => type(event.target.value)}
        onKeyDown={event => {
          if (event.key !== "Escape") return;
          if (search === "") input.current?.blur();
          else type("");
        }}
      />
      <kbd>/</kbd>
    </div>
  );
}
