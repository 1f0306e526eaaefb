/** Lays the period before over the charts. */
import { isCompared } from "../url/compare";
import { navigate, useLocation, withParams } from "../url/location";

export function CompareSwitch() {
  return (
    <label className="check" title="Show the period before, which is as long, as dashed lines">
      <input
        type="checkbox"
        checked={isCompared(useLocation().params)}
        onChange={event => navigate(withParams({ compare: event.target.checked ? "1" : null }), "replace")}
      />
      Compare with before
    </label>
  );
}
