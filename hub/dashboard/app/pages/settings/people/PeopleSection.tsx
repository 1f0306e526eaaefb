/** Who may log in, with which roles, and who is invited. Admins of an app invite to it; admins of the hub see everybody. */
import { useMay } from "../../../api/roles";
import { Invitations } from "./Invitations";
import { Users } from "./Users";

export function PeopleSection() {
  const isHubAdmin = useMay("admin");
  return (
    <div className="settings">
      {isHubAdmin && <Users />}
      <Invitations />
    </div>
  );
}
