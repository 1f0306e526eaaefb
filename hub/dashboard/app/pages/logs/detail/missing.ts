/** Why a body is not there, and what to do about it. */

const REASONS: Record<string, string> = {
  off: "Bodies are not logged. The app switches them on with log_request_body or log_response_body.",
  content_type:
    "Bodies of this content type are not kept: only the types that the app allows, JSON and text by default.",
  encoded: "The body was compressed, so that its secrets could not be masked. It is not kept.",
  too_large: "The body was larger than the limit of 50,000 bytes. Such bodies are left out whole, not cut.",
  not_utf8: "The body was no UTF-8 text.",
  not_json: "Its type said JSON, but the body was none, so that its secrets could not be masked.",
  not_read: "Nobody read the body to its end: the handler refused the request first, or the caller went away.",
};

export const missingText = (reason: string): string =>
  (Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined) ??
  `The SDK gave a reason that this version of the dashboard does not know: ${reason}.`;

/** What the SDK puts in the place of a secret. */
export const MASKED = "******";
export const countMasked = (text: string) => text.split(MASKED).length - 1;
