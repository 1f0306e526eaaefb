/** Copies a text and says so. */
import { useState } from "react";
import { CheckIcon, CopyIcon, LinkIcon } from "./icons";

const SAID_MS = 1600;

export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without TLS browsers offer no clipboard but this.
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Copies, and says for a moment that it did. */
function useCopied(): [boolean, (text: string) => Promise<void>] {
  const [copied, setCopied] = useState(false);
  const press = async (text: string) => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  };
  return [copied, press];
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, press] = useCopied();
  return (
    <button
      type="button"
      className="button button-quiet button-small"
      onClick={() => void press(text)}
      aria-label={`Copy ${what}`}
    >
      {copied ? <CheckIcon /> : <CopyIcon />}
      <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
    </button>
  );
}

/** Copies the address of what is on screen. */
export function CopyLink() {
  const [copied, press] = useCopied();
  return (
    <button
      type="button"
      className="button button-icon"
      onClick={() => void press(window.location.href)}
      aria-label="Copy a link to this view"
      title="Copy a link to this view"
    >
      {copied ? <CheckIcon /> : <LinkIcon />}
      <span className="visually-hidden" aria-live="polite">
        {copied ? "Copied" : ""}
      </span>
    </button>
  );
}
