/** The figures of the endpoint over the range, in one line. */
import type { ReactNode } from "react";
import type { Endpoint } from "../../api/model";
import { apdex, bytes, count, duration, exact, NOTHING, rate } from "../../format/numbers";
import { ago, fullTime } from "../../format/time";
import { apdexWord, ErrorRate } from "../../ui/ErrorRate";

interface Figure {
  label: string;
  value: ReactNode;
  title?: string | undefined;
}

const each = (total: number, requests: number) => (requests > 0 ? `${bytes(total / requests)} each` : undefined);

function figuresOf(endpoint: Endpoint, minutes: number): Figure[] {
  const { requests, apdex: score } = endpoint;
  return [
    { label: "Requests", value: count(requests), title: exact(requests) },
    { label: "Req/min", value: rate(requests / minutes) },
    { label: "Errors", value: <ErrorRate of={endpoint} /> },
    { label: "Apdex", value: apdex(score), title: score === null ? undefined : apdexWord(score) },
    { label: "Mean", value: duration(endpoint.mean_ms) },
    { label: "p95", value: duration(endpoint.p95_ms) },
    { label: "Max", value: duration(endpoint.max_ms) },
    { label: "Data in", value: bytes(endpoint.request_bytes), title: each(endpoint.request_bytes, requests) },
    { label: "Data out", value: bytes(endpoint.response_bytes), title: each(endpoint.response_bytes, requests) },
    {
      label: "Last seen",
      value: endpoint.last_seen_at === null ? "never" : ago(endpoint.last_seen_at, Date.now() / 1000),
      title: fullTime(endpoint.last_seen_at),
    },
  ];
}

const LABELS = ["Requests", "Req/min", "Errors", "Apdex", "Mean", "p95", "Max", "Data in", "Data out", "Last seen"];

export function Totals({ endpoint, minutes }: { endpoint: Endpoint | undefined; minutes: number }) {
  const figures: Figure[] = endpoint ? figuresOf(endpoint, minutes) : LABELS.map(label => ({ label, value: NOTHING }));
  return (
    <dl className="totals panel">
      {figures.map(({ label, value, title }) => (
        <div key={label} title={title}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
