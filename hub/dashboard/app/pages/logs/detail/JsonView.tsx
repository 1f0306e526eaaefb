/** JSON with parts that fold. Everything in it is only ever text. */
import { useState } from "react";
import { type Json, sizeOf } from "./json";
import { MASKED } from "./missing";

/** Levels that are open at first. */
const OPEN_DEPTH = 3;
/** Members drawn at once; more on demand. */
const MEMBERS = 100;

export function JsonView({ json }: { json: Json }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long body is scrolled with the keyboard
    <section className="json mono" tabIndex={0} aria-label="Body">
      <Node json={json} name={null} depth={0} last />
    </section>
  );
}

interface NodeProps {
  json: Json;
  name: string | null;
  depth: number;
  last: boolean;
}

function Node({ json, name, depth, last }: NodeProps) {
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  const [shown, setShown] = useState(MEMBERS);
  const label = name === null ? null : <span className="json-name">{JSON.stringify(name)}: </span>;
  const comma = last ? "" : ",";
  if (json.kind === "string" || json.kind === "plain")
    return (
      <div className="json-line">
        {label}
        <Leaf json={json} />
        {comma}
      </div>
    );
  const [opening, closing] = json.kind === "object" ? ["{", "}"] : ["[", "]"];
  const size = sizeOf(json);
  if (size === 0)
    return (
      <div className="json-line">
        {label}
        {opening}
        {closing}
        {comma}
      </div>
    );
  const members: [string | null, Json][] =
    json.kind === "object" ? json.entries : json.items.map(item => [null, item] as [null, Json]);
  return (
    <>
      <div className="json-line">
        <button type="button" className="json-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
          <i aria-hidden="true">{open ? "▾" : "▸"}</i>
          <span className="visually-hidden">{open ? "Fold" : "Unfold"}</span>
        </button>
        {label}
        {opening}
        {!open && (
          <button type="button" className="json-more" onClick={() => setOpen(true)}>
            {size} {json.kind === "object" ? (size === 1 ? "field" : "fields") : size === 1 ? "item" : "items"}
          </button>
        )}
        {!open && `${closing}${comma}`}
      </div>
      {open && (
        <>
          <div className="json-inside">
            {members.slice(0, shown).map(([key, value], place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: members never move, and names may repeat
              <Node key={place} json={value} name={key} depth={depth + 1} last={place === size - 1} />
            ))}
            {size > shown && (
              <button type="button" className="json-more" onClick={() => setShown(shown + MEMBERS)}>
                {size - shown} more
              </button>
            )}
          </div>
          <div className="json-line">
            {closing}
            {comma}
          </div>
        </>
      )}
    </>
  );
}

function Leaf({ json }: { json: Extract<Json, { text: string }> }) {
  if (json.kind === "string")
    return json.text === MASKED ? (
      <span className="masked">masked</span>
    ) : (
      <span className="json-string">{JSON.stringify(json.text)}</span>
    );
  return <span className="json-plain">{json.text}</span>;
}
