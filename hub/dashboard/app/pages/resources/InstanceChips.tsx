/** A chip for each instance, by which it is looked at or not. Of many, only some until all are asked for. */
import { useState } from "react";
import { exact } from "../../format/numbers";
import { navigate, useLocation, withParams } from "../../url/location";
import { chipsOf, type Named, toggled } from "./choice";
import { instanceColor } from "./resourceSeries";

interface Props {
  all: readonly Named[];
  /** The same in the order of the chips. */
  ordered: readonly Named[];
  /** In the order of their colours. */
  chosen: readonly Named[];
  /** Whether each has a line, and its colour. */
  coloured: boolean;
}

export function InstanceChips({ all, ordered, chosen, coloured }: Props) {
  const { params } = useLocation();
  const [opened, setOpened] = useState(false);
  const few = chipsOf(ordered, chosen);
  const more = ordered.length - few.length;
  return (
    <fieldset className="instance-chips" aria-label="Instances" data-opened={(opened && more > 0) || undefined}>
      {(opened ? ordered : few).map(({ id, name }) => {
        const place = chosen.findIndex(one => one.id === id);
        return (
          <button
            key={id}
            type="button"
            className="button button-small"
            aria-pressed={place >= 0}
            title={`${name} (${id})`}
            onClick={() => navigate(withParams({ instances: toggled(all, params, id) }), "replace")}
          >
            {coloured && place >= 0 && <i style={{ background: instanceColor(place) }} aria-hidden="true" />}
            {name}
          </button>
        );
      })}
      {more > 0 && (
        <button
          type="button"
          className="button button-small button-quiet"
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {opened ? "Fewer" : `+${exact(more)} more`}
        </button>
      )}
    </fieldset>
  );
}
