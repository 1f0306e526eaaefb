/** Says that the range in the address is not the one that is shown. Choosing a range takes it away. */
import { useLocation } from "../url/location";
import { addressProblem, parseRange } from "../url/range";

export function RangeNote() {
  const { params } = useLocation();
  const wrong = addressProblem(params);
  if (wrong === null) return null;
  return (
    <div className="problem" role="status">
      <div>
        <b>The range in the address cannot be shown.</b> {wrong}. Shown instead:{" "}
        {parseRange(params).preset.label.toLowerCase()}.
      </div>
    </div>
  );
}
