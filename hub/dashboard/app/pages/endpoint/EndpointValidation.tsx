/** Which fields of the endpoint fail validation: the most frequent, and the way to all of them. */
import * as queries from "../../api/queries";
import { useQuery } from "../../api/useQuery";
import { exact } from "../../format/numbers";
import { ago, fullTime } from "../../format/time";
import { CountBar } from "../../ui/CountBar";
import { Link } from "../../ui/Link";
import { Empty, Loaded } from "../../ui/notes";
import { useLocation } from "../../url/location";
import { paths, scopedPath } from "../../url/scope";
import type { Scope } from "../../url/useScope";
import { FieldName } from "../validation/FieldName";
import { groupId } from "../validation/validationState";

const SHOWN = 50;

export function EndpointValidation({ scope, method, path }: { scope: Scope; method: string; path: string }) {
  const here = useLocation();
  const { appId } = scope;
  const errors = useQuery(`validation/${scope.key}/${method} ${path}`, signal =>
    queries.validationErrors(appId, { ...scope.query(), method, path }, signal),
  );
  const page = (open: string | null) => scopedPath(here, paths.validation(appId), { method, path, open });
  return (
    <section className="panel endpoint-validation" aria-label="Validation errors">
      <div className="panel-head">
        <h2>Validation errors</h2>
        <Link to={page(null)} className="button button-small">
          All validation errors
        </Link>
      </div>
      <Loaded answer={errors} what="The validation errors" height={90}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No request to this endpoint failed validation in this range" />
          ) : (
            <table className="table">
              <tbody>
                {data.slice(0, SHOWN).map(row => (
                  <tr key={groupId(row)}>
                    <td className="text">
                      <Link to={page(groupId(row))} className="field-link">
                        <FieldName row={row} />
                      </Link>
                    </td>
                    <td className="text wraps">{row.message}</td>
                    <td className="col-consumers">
                      {row.consumers > 0 && `${exact(row.consumers)} ${row.consumers === 1 ? "consumer" : "consumers"}`}
                    </td>
                    <td className="col-last" title={fullTime(row.last_seen_at)}>
                      {ago(row.last_seen_at, Date.now() / 1000)}
                    </td>
                    <td>
                      <CountBar count={row.count} top={data[0]?.count ?? row.count} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </section>
  );
}
