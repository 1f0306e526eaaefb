/** How often each endpoint answered each status of failure, and which of that its people expect. */
import type { Endpoint, ExpectedError, TrafficScope, TrafficStep } from "./model";
import * as queries from "./queries";

export interface ErrorCode {
  status: string;
  method: string;
  path: string;
  count: number;
  /** All requests of the endpoint, whatever they were answered with. */
  requests: number;
  /** Names the mark by which nobody counts it as an error; null where it is one. */
  expectedId: string | null;
}

export const isFailure = (status: string) => status >= "400" && status <= "599";

/** Asked for all statuses, so that shares are of all requests. */
export async function errorCodes(
  appId: string,
  { status: _, ...scope }: TrafficScope,
  signal: AbortSignal,
): Promise<ErrorCode[]> {
  const [{ data }, expected] = await Promise.all([
    queries.endpoints(appId, scope, signal),
    queries.expectedErrors(appId, signal),
  ]);
  return codesOf(data, expected.data);
}

export function codesOf(endpoints: readonly Endpoint[], expected: readonly ExpectedError[]): ErrorCode[] {
  const marks = new Map(expected.map(({ id, method, path, status }) => [`${status} ${method} ${path}`, id]));
  return endpoints.flatMap(({ method, path, requests, by_status }) =>
    Object.entries(by_status)
      .filter(([status]) => isFailure(status))
      .map(([status, count]) => ({
        ...{ status, method, path, count, requests },
        expectedId: marks.get(`${status} ${method} ${path}`) ?? null,
      })),
  );
}

/** Beyond this many expected errors the rest stays in the chart: each is a question of its own. */
const TAKEN_OUT_MAX = 12;

/** The steps of all errors that are expected. */
export async function expectedSteps(
  appId: string,
  scope: TrafficScope,
  codes: readonly ErrorCode[],
  signal: AbortSignal,
): Promise<TrafficStep[]> {
  const expected = codes.filter(code => code.expectedId !== null).toSorted((a, b) => b.count - a.count);
  const asked = expected
    .slice(0, TAKEN_OUT_MAX)
    .map(({ method, path, status }) => queries.traffic(appId, { ...scope, method, path, status }, signal));
  return (await Promise.all(asked)).flatMap(({ data }) => data);
}

/** The traffic without what went well and without what is expected. */
export function failuresOf(steps: readonly TrafficStep[], expected: readonly TrafficStep[] = []): TrafficStep[] {
  const out = new Map<string, number>();
  for (const { start, by_status } of expected)
    for (const [status, count] of Object.entries(by_status))
      out.set(`${start} ${status}`, (out.get(`${start} ${status}`) ?? 0) + count);
  return steps.map(step => {
    const failed = Object.entries(step.by_status)
      .filter(([status]) => isFailure(status))
      .map(([status, count]) => [status, count - (out.get(`${step.start} ${status}`) ?? 0)] as const)
      .filter(([, count]) => count > 0);
    return {
      ...step,
      by_status: Object.fromEntries(failed),
      requests: failed.reduce((sum, [, count]) => sum + count, 0),
    };
  });
}
