/** The request or the response: its headers, and its body or why it is not there. */
import { useState } from "react";
import type { LogHalf } from "../../../api/model";
import { bytes } from "../../../format/numbers";
import { CopyButton } from "../../../ui/CopyButton";
import { DrawerPart } from "../../../ui/Drawer";
import { JsonView } from "./JsonView";
import { parseJson } from "./json";
import { countMasked, MASKED, missingText } from "./missing";

export function Half({ half, what }: { half: LogHalf; what: "request" | "response" }) {
  return (
    <>
      <Body half={half} what={what} />
      <DrawerPart title={`Headers (${half.headers.length})`}>
        {half.headers.length === 0 ? (
          <p className="muted">No headers are logged.</p>
        ) : (
          <table className="headers">
            <tbody>
              {half.headers.map(({ name, value }, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: headers never move, and names may repeat
                <tr key={place}>
                  <th scope="row" className="mono">
                    {name}
                  </th>
                  <td className="mono">{value === MASKED ? <span className="masked">masked</span> : value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </DrawerPart>
    </>
  );
}

function Body({ half, what }: { half: LogHalf; what: string }) {
  const { text, bytes: size, missing } = half.body;
  const [raw, setRaw] = useState(false);
  const json = text == null ? null : parseJson(text);
  const masked = text == null ? 0 : countMasked(text);
  const aside = (
    <span className="body-tools">
      {size !== null && <span className="muted num">{bytes(size)}</span>}
      {masked > 0 && (
        <span className="tag tag-masked" title="Values that the SDK replaced before they left the app">
          {masked} masked
        </span>
      )}
      {json !== null && (
        <span className="segmented">
          <button type="button" aria-pressed={!raw} onClick={() => setRaw(false)}>
            Tree
          </button>
          <button type="button" aria-pressed={raw} onClick={() => setRaw(true)}>
            Raw
          </button>
        </span>
      )}
      {text != null && <CopyButton text={text} what={`the body of the ${what}`} />}
    </span>
  );
  return (
    <DrawerPart title="Body" aside={aside}>
      {text != null && json !== null && !raw && <JsonView json={json} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long body is scrolled with the keyboard */}
      {text != null && (json === null || raw) && <pre tabIndex={0}>{text}</pre>}
      {text == null && missing != null && (
        <p className="drawer-message body-missing">
          <b>The body is not here.</b> {missingText(missing)}
        </p>
      )}
      {text == null && missing == null && <p className="muted">The {what} had no body.</p>}
    </DrawerPart>
  );
}
