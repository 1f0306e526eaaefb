/** What each loss means to somebody who has not read the protocol, and what can be done about it. */

export interface LossText {
  title: string;
  meaning: string;
}

const TEXTS: Record<string, LossText> = {
  routes_folded: {
    title: "Routes folded together",
    meaning:
      "A minute held more combinations of route and status than the SDK keeps apart. The requests are counted, under the route “(other)”.",
  },
  consumers_folded: {
    title: "Consumers folded together",
    meaning:
      "A minute held more consumers than the SDK keeps apart. The requests are counted in full; who made them is not known.",
  },
  validation_errors_dropped: {
    title: "Validation errors not listed",
    meaning:
      "A report held more different validation errors than its limit. The requests are counted; these details are missing.",
  },
  server_errors_dropped: {
    title: "Server errors not listed",
    meaning:
      "A report held more different server errors than its limit. The requests are counted; these details are missing.",
  },
  text_cut: {
    title: "Texts cut",
    meaning: "Messages, stack traces or paths were longer than their limit and were cut. No count is affected.",
  },
  reports_expired: {
    title: "Requests too old to send",
    meaning:
      "The hub could not be reached for longer than the retry window of an hour. These requests are missing from all numbers.",
  },
  reports_evicted: {
    title: "Requests pushed out",
    meaning:
      "The hub could not be reached and the SDK's memory for unsent reports was full. These requests are missing from all numbers.",
  },
  reports_refused: {
    title: "Requests refused by the hub",
    meaning: "The hub answered that it will never take these reports. These requests are missing from all numbers.",
  },
  reports_not_spooled: {
    title: "Reports lost at shutdown",
    meaning: "A process ended while the hub could not be reached, and its unsent reports could not be kept on disk.",
  },
  request_logs_dropped: {
    title: "Request logs dropped",
    meaning: "Entries of the request log were dropped. The requests are counted in full.",
  },
  callback_panicked: {
    title: "Callbacks that panicked",
    meaning:
      "Code that the app gave to the SDK panicked. The request went on and is counted; what the callback would have added is missing.",
  },
  rejected_by_hub: {
    title: "Entries rejected by the hub",
    meaning:
      "Parts of reports were malformed: a negative count, a duration beyond reason. Each was dropped alone; the rest of its report is counted.",
  },
  clock: {
    title: "Minutes outside the accepted time",
    meaning: "Reports named minutes too far in the past or the future. The clock of the machine is probably wrong.",
  },
};

/** Reasons of newer SDKs are shown by their name. */
export function lossText(reason: string): LossText {
  const known = Object.hasOwn(TEXTS, reason) ? TEXTS[reason] : undefined;
  return (
    known ?? { title: reason.replaceAll("_", " "), meaning: "This version of the dashboard does not know this reason." }
  );
}
