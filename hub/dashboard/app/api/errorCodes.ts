/** How often each endpoint answered each status of failure: the hub is asked once per status that occurred. */
import type { Endpoint, TrafficScope, TrafficStep } from "./model";
import * as queries from "./queries";

export interface ErrorCode {
  status: string;
  method: string;
  path: string;
  count: number;
  /** All requests of the endpoint, whatever they were answered with. */
  requests: number;
}

export const isFailure = (status: string) => status >= "400" && status <= "599";

/** The traffic without what went well. */
export function failuresOf(steps: readonly TrafficStep[]): TrafficStep[] {
  return steps.map(step => {
    const failed = Object.entries(step.by_status).filter(([status]) => isFailure(status));
    return {
      ...step,
      by_status: Object.fromEntries(failed),
      requests: failed.reduce((sum, [, count]) => sum + count, 0),
    };
  });
}

const named = (row: Endpoint) => `${row.method} ${row.path}`;

export async function errorCodes(appId: string, scope: TrafficScope, signal: AbortSignal): Promise<ErrorCode[]> {
  const [traffic, all] = await Promise.all([
    queries.traffic(appId, scope, signal),
    queries.endpoints(appId, scope, signal),
  ]);
  const totals = new Map(all.data.map(row => [named(row), row.requests]));
  const codes = [...new Set(traffic.data.flatMap(step => Object.keys(step.by_status)))].filter(isFailure);
  const answers = codes.map(async status => {
    const { data } = await queries.endpoints(appId, { ...scope, status }, signal);
    return data
      .filter(row => row.requests > 0)
      .map(row => ({
        status,
        method: row.method,
        path: row.path,
        count: row.requests,
        requests: totals.get(named(row)) ?? row.requests,
      }));
  });
  return (await Promise.all(answers)).flat();
}
