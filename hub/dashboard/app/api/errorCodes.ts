/** How often each endpoint answered each status of failure, and which of that its people expect. */
import type { ErrorStatus, ExpectedError, StatusStep, TrafficScope, TrafficStep } from "./model";
import * as queries from "./queries";

export interface ErrorCode extends Omit<ErrorStatus, "status" | "expected"> {
  status: string;
  /** Names the mark by which nobody counts it as an error; null where it is one. */
  expectedId: string | null;
}

export const isFailure = (status: string) => status >= "400" && status <= "599";

interface ErrorCodes {
  data: ErrorCode[];
  /** Not null where there are more of them, less frequent ones. */
  next: string | null;
}

export async function errorCodes(appId: string, scope: TrafficScope, signal: AbortSignal): Promise<ErrorCodes> {
  const [{ data, next }, expected] = await Promise.all([
    queries.errorStatuses(appId, scope, signal),
    queries.expectedErrors(appId, signal),
  ]);
  return { data: codesOf(data, expected.data), next };
}

export function codesOf(rows: readonly ErrorStatus[], expected: readonly ExpectedError[]): ErrorCode[] {
  const marks = new Map(expected.map(({ id, method, path, status }) => [`${status} ${method} ${path}`, id]));
  return rows.map(({ expected: _, status, ...row }) => ({
    ...row,
    status: String(status),
    expectedId: marks.get(`${status} ${row.method} ${row.path}`) ?? null,
  }));
}

/** The traffic without what went well and without what is expected. */
export function failuresOf(steps: readonly TrafficStep[]): StatusStep[] {
  return steps.map(({ start, by_status, expected_by_status }) => {
    const failed = Object.entries(by_status)
      .filter(([status]) => isFailure(status))
      .map(([status, count]) => [status, count - (expected_by_status[status] ?? 0)] as const)
      .filter(([, count]) => count > 0);
    return {
      start,
      by_status: Object.fromEntries(failed),
      requests: failed.reduce((sum, [, count]) => sum + count, 0),
    };
  });
}
