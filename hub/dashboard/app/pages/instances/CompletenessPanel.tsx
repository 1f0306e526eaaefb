/** The answer to “can I trust the numbers?”, before the tables that explain it. */
import type { Instance, Loss } from "../../api/model";
import { exact } from "../../format/numbers";
import { completenessOf } from "./completeness";

const VERDICTS = {
  whole: { tone: "ok", title: "The numbers are whole", text: "Every report arrived, and nothing was dropped." },
  details: {
    tone: "ok",
    title: "Every request is counted",
    text: "Only details are missing: the table below says which.",
  },
  requests: {
    tone: "warn",
    title: "Some requests are not counted",
    text: "The tables below say where, and what can be done. Shares and percentiles are of what arrived.",
  },
} as const;

export function CompletenessPanel({ instances, losses }: { instances: readonly Instance[]; losses: readonly Loss[] }) {
  const found = completenessOf(instances, losses);
  const { tone, title, text } = VERDICTS[found.verdict];
  const figures = [
    { label: "Reports", value: found.reports, hint: "Arrived in this range" },
    { label: "Missing reports", value: found.missing, hint: "Gaps in the running numbers of instances" },
    { label: "Instances with gaps", value: found.gaps, hint: "Of those that reported in this range" },
    { label: "Requests lost", value: found.lost, hint: "As SDKs and the hub counted them" },
    { label: "Folded", value: found.folded, hint: "Counted without their route or consumer" },
  ];
  return (
    <section className="panel completeness" data-tone={tone} aria-label="Completeness">
      <div>
        <h2 className="state" data-tone={tone}>
          {title}
        </h2>
        <p className="muted">{text}</p>
      </div>
      <dl className="corner">
        {figures.map(({ label, value, hint }) => (
          <div key={label} title={hint}>
            <dt>{label}</dt>
            <dd className={value > 0 && label !== "Reports" && label !== "Folded" ? "wrong" : undefined}>
              {exact(value)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
