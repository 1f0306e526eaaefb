/** The figures of the range; each shows its chart. Compared with the period before, each says how it changed. */
import { NOTHING } from "../../format/numbers";
import { Skeleton } from "../../ui/notes";
import { navigate, withParams } from "../../url/location";
import { type Change, changeOf } from "./change";
import { CARDS, type CardKey, type Figure } from "./figures";

interface Props {
  chosen: CardKey;
  shown: Partial<Record<CardKey, Figure>>;
  /** The figures of the period before; null when nothing is compared. */
  before: Partial<Record<CardKey, Figure>> | null;
  outdated: boolean;
  /** Whether figures that are not there will not come by themselves. */
  failed: boolean;
}

export function Cards({ chosen, shown, before, outdated, failed }: Props) {
  return (
    <fieldset className={`cards ${outdated ? "outdated" : ""}`} aria-label="Figures; each shows its chart">
      {CARDS.map(({ key, label }) => {
        const figure = shown[key];
        const past = before?.[key];
        return (
          <button
            key={key}
            type="button"
            className="card"
            aria-pressed={chosen === key}
            title={figure?.title}
            onClick={() => navigate(withParams({ chart: key === "requests" ? null : key }), "replace")}
          >
            <span className="card-label">{label}</span>
            {figure || failed ? (
              <span className="card-value">{figure?.value ?? NOTHING}</span>
            ) : (
              <Skeleton height={24} width={84} />
            )}
            {figure && past ? (
              <ChangeNote change={changeOf(key, figure, past)} />
            ) : (
              <span className="card-note">{figure?.note ?? "\u00a0"}</span>
            )}
          </button>
        );
      })}
    </fieldset>
  );
}

function ChangeNote({ change: { arrow, text, tone } }: { change: Change }) {
  return (
    <span className="card-note" data-tone={tone}>
      {arrow !== "" && <b aria-hidden="true">{arrow} </b>}
      {text}
    </span>
  );
}
