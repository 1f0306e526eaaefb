/** Which time is looked at: until the last byte of the body, or until the headers. */
interface Props {
  headers: boolean;
  choose: (headers: boolean) => void;
}

export function MeasureSwitch({ headers, choose }: Props) {
  return (
    <fieldset className="segmented" aria-label="What is measured">
      <button
        type="button"
        aria-pressed={!headers}
        onClick={() => choose(false)}
        title="Until the last byte of the response body"
      >
        Duration
      </button>
      <button
        type="button"
        aria-pressed={headers}
        onClick={() => choose(true)}
        title="Until the response headers were ready"
      >
        To headers
      </button>
    </fieldset>
  );
}
