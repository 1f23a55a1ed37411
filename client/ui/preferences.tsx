// What the person at the screen prefers: theme and calm (reduced motion). The system decides until a key was pressed.
import {
  createContext,
  use,
  useCallback,
  useLayoutEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import type { ReactNode } from 'react'

export type Theme = 'dark' | 'light'

export interface Preferences {
  theme: Theme
  /** Nothing moves that need not move. */
  calm: boolean
  toggleTheme: () => void
  toggleCalm: () => void
}

const PreferencesContext = createContext<Preferences | null>(null)

function useMediaQuery(query: string): boolean {
  const media = useMemo(() => matchMedia(query), [query])
  return useSyncExternalStore(
    (onChange) => {
      media.addEventListener('change', onChange)
      return () => media.removeEventListener('change', onChange)
    },
    () => media.matches,
  )
}

/** A choice that outlives the page; null means: none made. Storage may be forbidden, then it lasts as long as the page. */
function useStoredChoice(key: string): [string | null, (value: string) => void] {
  const [choice, setChoice] = useState<string | null>(() => {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  })
  const choose = useCallback(
    (value: string): void => {
      setChoice(value)
      try {
        localStorage.setItem(key, value)
      } catch {
        // Not kept, but in force.
      }
    },
    [key],
  )
  return [choice, choose]
}

/** Puts the preferences on the page's root element, where the style sheets look, and hands them to whoever asks. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const systemLight = useMediaQuery('(prefers-color-scheme: light)')
  const systemCalm = useMediaQuery('(prefers-reduced-motion: reduce)')
  const [themeChoice, chooseTheme] = useStoredChoice('podium.theme')
  const [calmChoice, chooseCalm] = useStoredChoice('podium.calm')
  const theme: Theme =
    (themeChoice ?? (systemLight ? 'light' : 'dark')) === 'light' ? 'light' : 'dark'
  const calm = calmChoice === null ? systemCalm : calmChoice === 'true'

  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme
    document.documentElement.dataset['calm'] = String(calm)
  }, [theme, calm])

  const preferences = useMemo(
    () => ({
      theme,
      calm,
      toggleTheme: () => chooseTheme(theme === 'light' ? 'dark' : 'light'),
      toggleCalm: () => chooseCalm(String(!calm)),
    }),
    [theme, calm, chooseTheme, chooseCalm],
  )
  return <PreferencesContext value={preferences}>{children}</PreferencesContext>
}

/** @throws outside of PreferencesProvider. */
export function usePreferences(): Preferences {
  const preferences = use(PreferencesContext)
  if (!preferences) throw new Error('usePreferences needs a PreferencesProvider around it')
  return preferences
}
