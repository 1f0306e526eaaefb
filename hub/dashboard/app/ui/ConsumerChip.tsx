/** Says that only one consumer's requests are shown, and takes the filter away. */
import { navigate, useLocation, withParams } from "../url/location";
import "./chip.css";
import { CloseIcon } from "./icons";

export function ConsumerChip() {
  const consumer = useLocation().params.get("consumer");
  if (consumer === null) return null;
  return (
    <button
      type="button"
      className="button chip"
      title={`Only requests of ${consumer} are shown. Click to show all.`}
      onClick={() => navigate(withParams({ consumer: null }))}
    >
      <span>
        Consumer <b>{consumer}</b>
      </span>
      <CloseIcon />
    </button>
  );
}
