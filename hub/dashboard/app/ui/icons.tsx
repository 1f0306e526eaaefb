/** The few pictures of the dashboard: 16 × 16 strokes in the colour of the text around them, never read aloud. */
import type { ReactNode } from "react";

const stroked = (content: ReactNode) => (
  <svg
    className="icon"
    width="16"
    height="16"
    viewBox="0 0 16 16"
    aria-hidden="true"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
  >
    {content}
  </svg>
);

export const AppsIcon = () => stroked(<path d="M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z" />);
export const TrafficIcon = () => stroked(<path d="M3 13.5v-4M6.3 13.5v-7M9.7 13.5v-9.5M13 13.5v-6" />);
export const ErrorsIcon = () => stroked(<path d="M8 2.2 14.5 13.5h-13ZM8 6.5v3M8 11.6h.01" />);
export const ValidationIcon = () => stroked(<path d="M2.5 4h6M2.5 8h4M2.5 12h4M9.5 9l4 4M13.5 9l-4 4" />);
export const ConsumersIcon = () =>
  stroked(
    <path d="M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 13.5c0-5.300 9-5.300 9 0M10.5 2.700a2.5 2.5 0 0 1 0 4.6M12 9.5c1.6.5 2.5 1.900 2.5 4" />,
  );
export const PerformanceIcon = () =>
  stroked(<path d="M2.200 11.5a6 6 0 1 1 11.600 0M8 10.500l3-3.700M8 11.300a.8.8 0 1 0 0-1.600.8.8 0 0 0 0 1.600Z" />);
export const ResourcesIcon = () =>
  stroked(
    <path d="M4.5 4.5h7v7h-7zM6.5 2v2.5M9.500 2v2.5M6.5 11.5V14M9.500 11.5V14M2 6.5h2.5M2 9.500h2.5M11.5 6.5H14M11.5 9.500H14" />,
  );
export const FilterIcon = () => stroked(<path d="M2.5 4h11M4.700 8h6.600M6.700 12h2.600" />);
export const LogsIcon = () => stroked(<path d="M2.5 3.5h2M6.5 3.5h7M2.5 8h2M6.5 8h7M2.5 12.5h2M6.5 12.5h4.5" />);
export const CloseIcon = () => stroked(<path d="m4 4 8 8M12 4l-8 8" />);
export const InstancesIcon = () => stroked(<path d="M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01" />);
export const SetupIcon = () => stroked(<path d="M5 4.5 1.8 8 5 11.5M11 4.5 14.2 8 11 11.5M9.2 3 6.8 13" />);
export const SettingsIcon = () =>
  stroked(<path d="M2.5 4.5h5.5M11.5 4.5h2M9.7 2.700v3.600M2.5 11.5h2M8 11.5h5.5M6.200 9.7v3.600" />);
export const SystemStateIcon = () => stroked(<path d="M1.800 8.5h2.700l1.800-5 3.200 9.500 1.800-4.5h2.900" />);
export const AccountIcon = () =>
  stroked(
    <path d="M8 8a2.800 2.800 0 1 0 0-5.600A2.800 2.800 0 0 0 8 8ZM2.800 13.800c0-4.600 10.400-4.600 10.400 0" />,
  );
export const KeyIcon = () =>
  stroked(<path d="M5.300 13a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600ZM7.300 8.200l6-6M11 4.5l2 2" />);
export const JournalIcon = () => stroked(<path d="M4 2.5h8.5v11H4ZM2.5 5.5H5M2.5 8H5M2.5 10.500H5M7 5.5h3M7 8h3" />);
export const MoreIcon = () => stroked(<path d="M3.500 8h.01M8 8h.01M12.5 8h.01" />);
export const BookmarkIcon = () => stroked(<path d="M4 2.5h8v11L8 10.200 4 13.500Z" />);
export const SearchIcon = () => stroked(<path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.7 10.7 14 14" />);
export const CopyIcon = () => stroked(<path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />);
export const LinkIcon = () =>
  stroked(
    <path d="M6.8 9.200a3 3 0 0 0 4.3 0l2-2a3 3 0 0 0-4.300-4.200l-.8.8M9.200 6.800a3 3 0 0 0-4.300 0l-2 2a3 3 0 0 0 4.300 4.200l.8-.8" />,
  );
export const CheckIcon = () => stroked(<path d="m3 8.5 3.2 3.2L13 5" />);
export const ChevronIcon = () => stroked(<path d="m4.5 6.3 3.5 3.4 3.5-3.4" />);
export const DownloadIcon = () => stroked(<path d="M8 2.5v7.5M5 7.3 8 10.3l3-3M2.8 13.5h10.4" />);
export const ColumnsIcon = () => stroked(<path d="M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10" />);
export const TableIcon = () => stroked(<path d="M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11M6.5 6.3V13" />);
export const ChartIcon = () => stroked(<path d="M2.5 2.5v11h11M5.5 11V8M8.5 11V4.5M11.5 11V6.5" />);
export const BackIcon = () => stroked(<path d="M9.8 3.5 5.3 8l4.5 4.5" />);
export const PlusIcon = () => stroked(<path d="M8 3v10M3 8h10" />);
export const RefreshIcon = () => stroked(<path d="M13.3 8a5.3 5.3 0 1 1-1.6-3.8M13.3 2v2.8h-2.8" />);
export const ZoomOutIcon = () => stroked(<path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.7 10.7 14 14M5 7h4" />);
export const LeaveIcon = () => stroked(<path d="M6.5 2.5h-4v11h4M7 8h6.5M11 5.3 13.7 8 11 10.7" />);
export const SunIcon = () =>
  stroked(
    <path d="M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7" />,
  );
export const MoonIcon = () => stroked(<path d="M13.5 9.4A5.8 5.8 0 0 1 6.6 2.5a5.8 5.8 0 1 0 6.9 6.9Z" />);
export const SystemIcon = () => stroked(<path d="M2 3h12v8H2zM5.5 13.5h5" />);
export const ClockIcon = () => stroked(<path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6" />);

/** Filled marks that stand beside a number: their shape says what the colour says. */
export const ServerErrorMark = () => (
  <svg className="mark mark-bad" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
    <path d="M5 .8 9.7 9.2H.3Z" />
  </svg>
);
export const ClientErrorMark = () => (
  <svg className="mark mark-warn" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
    <path d="M5 .8 9.2 5 5 9.2.8 5Z" />
  </svg>
);

export const Logo = () => (
  <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" className="logo-ground" />
    <path
      className="logo-bars"
      d="M7 18.5a1.5 1.5 0 0 1 1.5-1.5h1a1.5 1.5 0 0 1 1.5 1.5V25H7zM14 13.5a1.5 1.5 0 0 1 1.5-1.5h1a1.5 1.5 0 0 1 1.5 1.5V25h-4zM21 8.5a1.5 1.5 0 0 1 1.5-1.5h1a1.5 1.5 0 0 1 1.5 1.500V25h-4z"
    />
  </svg>
);
