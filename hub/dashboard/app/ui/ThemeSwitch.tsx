/** System, light or dark. */
import { chooseTheme, type ThemeChoice, useThemeChoice } from "../theme/theme";
import { MoonIcon, SunIcon, SystemIcon } from "./icons";

const CHOICES: readonly { name: ThemeChoice; label: string; Icon: () => React.ReactNode }[] = [
  { name: "system", label: "As the system", Icon: SystemIcon },
  { name: "light", label: "Light", Icon: SunIcon },
  { name: "dark", label: "Dark", Icon: MoonIcon },
];

export function ThemeSwitch() {
  const chosen = useThemeChoice();
  return (
    <fieldset className="segmented segmented-icons" aria-label="Theme">
      {CHOICES.map(({ name, label, Icon }) => (
        <button
          key={name}
          type="button"
          aria-pressed={chosen === name}
          aria-label={`Theme: ${label}`}
          title={label}
          onClick={() => chooseTheme(name)}
        >
          <Icon />
        </button>
      ))}
    </fieldset>
  );
}
