/** The search of a table: `/` goes there, Esc clears it; what is searched for is in the address. */
import { useRef } from "react";
import { SearchIcon } from "../ui/icons";
import { useShortcuts } from "../ui/useShortcuts";
import { navigate, useLocation, withParams } from "../url/location";
import "./tools.css";

export function SearchField({ placeholder, label }: { placeholder: string; label: string }) {
  const search = useLocation().params.get("q") ?? "";
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({
    "/": event => {
      event.preventDefault();
      input.current?.focus();
    },
  });
  const type = (text: string) => navigate(withParams({ q: text }), "replace");
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
