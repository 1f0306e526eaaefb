/** Statuses of endpoints that nobody counts as errors. They are marked on the page of errors; here all are seen, and taken back. */
import type { ExpectedError } from "../../../api/model";
import { expectedErrors, unmarkExpected } from "../../../api/queries";
import { useQuery } from "../../../api/useQuery";
import { Refusal } from "../../../forms/Refusal";
import { useSubmit } from "../../../forms/useSubmit";
import { EndpointCell } from "../../../table/EndpointCell";
import { Link } from "../../../ui/Link";
import { Empty, Loaded } from "../../../ui/notes";
import { paths } from "../../../url/scope";
import { ActionButton, ActionHead, DateCell } from "../cells";

export function ExpectedErrors({ appId }: { appId: string }) {
  const answer = useQuery(`expected/${appId}`, signal => expectedErrors(appId, signal));
  const submit = useSubmit();
  const takeBack = async ({ id }: ExpectedError) => {
    if (await submit.run(() => unmarkExpected(appId, id))) answer.retry();
  };
  return (
    <section className="panel" aria-label="Expected errors">
      <div className="panel-head">
        <h2>Expected errors</h2>
        <span className="muted">Answers that callers are meant to get; no error rate counts them</span>
      </div>
      <Refusal of={submit} />
      <Loaded answer={answer} what="The expected errors" height={120}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No error is marked as expected">
              The menu of a row on the page of{" "}
              <Link to={paths.errors(appId)} className="text-link">
                errors
              </Link>{" "}
              marks one.
            </Empty>
          ) : (
            <div className="table-scroll">
              <table className="table">
                <thead>
                  <tr>
                    <th>Status</th>
                    <th className="text">Endpoint</th>
                    <th className="text hide-narrow">Marked by</th>
                    <th className="hide-narrow">Marked</th>
                    <ActionHead />
                  </tr>
                </thead>
                <tbody>
                  {data.map(row => (
                    <tr key={row.id}>
                      <td className="mono">{row.status}</td>
                      <td className="text col-path">
                        <EndpointCell of={row} />
                      </td>
                      <td className="text hide-narrow">{row.created_by}</td>
                      <DateCell at={row.created_at} />
                      <td>
                        <ActionButton
                          busy={submit.busy}
                          label={`Count ${row.status} of ${row.method} ${row.path} as an error again`}
                          run={() => void takeBack(row)}
                        >
                          Take back
                        </ActionButton>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </section>
  );
}
